"""What stands beside a test is imported by its name alone, as MicroPython does it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
