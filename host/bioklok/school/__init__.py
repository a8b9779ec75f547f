"""Who may see what, and the strip card: rules on plain data. No SQL, no web, no clock.

Whoever calls gives the time (Unix seconds UTC) and all that happened before; back comes an answer,
or what to add to a log that only grows.
"""
