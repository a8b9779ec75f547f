"""What a board finds of its own parts, for `bioklok device selftest`: run over the cable, while the
application does not run."""

from app.bookmarks import JOURNAL_ID, Bookmarks
from app.bookmarks import SECTORS as BOOKMARK_SECTORS
from app.drafts import Drafts
from app.slot_ring import SECTORS as RING_SECTORS
from biocore.crypto import KEY_BYTES
from biocore.message import RESTART_WATCHDOG
from biocore.page import PAGE_BYTES

OK = "ok"
_PATTERN = b"\xa5\x5a\x0f\xf0" * 16
_LEAST_MV = 3000
_TAG = b"\x00" * 6


def run(board):
    """Return {part: "ok" or what is wrong, in one line}. Nothing of it raises.

    The scratch page of the flash is in the sector of drafts that counts no more: a cable that is
    pulled in the middle takes nothing that was measured.
    """
    checks = (
        ("accelerometer", _accelerometer),
        ("light", _light),
        ("flash", _flash),
        ("radio", _radio),
        ("key", _key),
        ("clock", _clock),
        ("battery", _battery),
        ("restart", _restart),
    )
    found = {}
    for name, check in checks:
        try:
            found[name] = check(board) or OK
        except OSError as error:
            found[name] = "no answer (error %s)" % (error.errno or "unknown")
        except MemoryError:
            found[name] = "not tried: no memory"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this part's fault
            found[name] = "%s: %s" % (type(error).__name__, error)
    return found


def _accelerometer(board):
    """Its identity, which its driver asks for at the start, and one read."""
    board.accelerometer.start()
    board.accelerometer.read()


def _light(board):
    board.light.start()
    board.light.read()


def _flash(board):
    """A page is erased, written, read and erased."""
    flash = board.flash
    sectors = flash.size_bytes // flash.sector_bytes
    if sectors <= BOOKMARK_SECTORS + 2 * RING_SECTORS:
        return "too small for a journal: %d sectors" % sectors
    at = (BOOKMARK_SECTORS + RING_SECTORS) * flash.sector_bytes
    drafts = Drafts(flash, at, bytearray(PAGE_BYTES))
    drafts.find(Bookmarks(flash, 0).get(JOURNAL_ID))
    address = drafts.spare()
    page = bytearray(len(_PATTERN))
    for _ in range(2):  # the first time it may have been blank before
        flash.erase(address)
        flash.read_into(address, page)
        if page != b"\xff" * len(page):
            return "a sector does not become blank"
        flash.program(address, _PATTERN)
        flash.read_into(address, page)
        if page != _PATTERN:
            return "a page does not keep what is written"
    flash.erase(address)
    return None


def _radio(board):
    """The stack starts, takes our service, and goes off again."""
    board.radio.start(_TAG)
    board.radio.stop()


def _key(board):
    key = board.key()
    if key is None or len(key) != KEY_BYTES:
        return "none: provision it"
    return None


def _clock(board):
    return None if board.clock.utc()[0] else "not set: provision it, or sync"


def _battery(board):
    mv = board.battery_mv()
    if not mv:
        return "not known"
    return "%d mV: charge it" % mv if mv < _LEAST_MV else None


def _restart(board):
    if board.restart_cause() == RESTART_WATCHDOG:
        return "the watchdog had to start it"
    return None
