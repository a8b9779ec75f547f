"""What a student can have done with everything that is held of them: the pages' one way in."""

from bioklok.office.erasure import Erased, erase, may_erase
from bioklok.office.export import Render, export_zip, write_export

__all__ = ["Erased", "Render", "erase", "export_zip", "may_erase", "write_export"]
