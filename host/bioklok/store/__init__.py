"""The store: every page as it was received, once. The only room that speaks SQL."""

from bioklok.store.base import JournalKey
from bioklok.store.database import database_path, default_database_url, file_url
from bioklok.store.repository import Store, open_store
from bioklok.store.sessions import SYNC_DONE, SYNC_STOPPED
from bioklok.store.tables import Student, SyncSession

__all__ = [
    "SYNC_DONE",
    "SYNC_STOPPED",
    "JournalKey",
    "Store",
    "Student",
    "SyncSession",
    "database_path",
    "default_database_url",
    "file_url",
    "open_store",
]
