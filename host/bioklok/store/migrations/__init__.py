"""Versions of the schema, each as it was when it came out: what the tables look like later is no
concern of theirs. `bioklok.store.database` runs them; a test holds their sum against the tables."""
