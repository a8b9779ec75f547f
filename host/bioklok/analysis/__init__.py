"""From pages to nights and figures: numpy in, dataclasses out. Knows no database and no web."""
