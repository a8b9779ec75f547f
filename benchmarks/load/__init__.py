"""`make load`: a school of full size, and what it costs to keep, to read and to work through."""
