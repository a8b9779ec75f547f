"""School timetables from outside: fetched with care, read down to start, end and subject.

What comes in is a stranger's file behind an address that is a credential. What goes out is plain
data of `bioklok.school`: snapshots of lessons, and holidays. No SQL, no web, no clock but to stop.
"""
