"""The store: every page as it was received, once. The only room that speaks SQL."""

from bioklok.store.base import JournalKey, OtherBytes
from bioklok.store.database import upgrade
from bioklok.store.desk import Desk
from bioklok.store.master import MASTER_BYTES, MASTER_VARIABLE, master_key
from bioklok.store.people import Account, Student, check_id
from bioklok.store.place import Place, default_database_url, file_url, place_of
from bioklok.store.repository import Store, open_store
from bioklok.store.sessions import SYNC_DONE, SYNC_STOPPED
from bioklok.store.tables import Device, School, SyncSession

__all__ = [
    "MASTER_BYTES",
    "MASTER_VARIABLE",
    "SYNC_DONE",
    "SYNC_STOPPED",
    "Account",
    "Desk",
    "Device",
    "JournalKey",
    "OtherBytes",
    "Place",
    "School",
    "Store",
    "Student",
    "SyncSession",
    "check_id",
    "default_database_url",
    "file_url",
    "master_key",
    "open_store",
    "place_of",
    "upgrade",
]
