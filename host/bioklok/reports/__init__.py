"""A week as one object, then JSON and charts. Takes pages; knows no database and no web."""
