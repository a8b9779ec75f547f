"""The assembly guide: README.md and README.nl.md, and what `make gen` puts into them."""
