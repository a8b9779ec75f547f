"""The store: every page as it was received, once. The only room that speaks SQL."""

from bioklok.store.database import default_database_url
from bioklok.store.repository import SYNC_DONE, JournalKey, Store, open_store
from bioklok.store.tables import Student, SyncSession

__all__ = [
    "SYNC_DONE",
    "JournalKey",
    "Store",
    "Student",
    "SyncSession",
    "default_database_url",
    "open_store",
]
