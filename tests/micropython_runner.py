"""Runs the plain `test_*` functions of one file under MicroPython. Started by tests/conftest.py.

Says one line of JSON for each test: name, and the traceback where it failed.
"""

import gc
import io
import json
import sys

folder, _, name = sys.argv[1].rpartition("/")
sys.path.insert(0, folder)
module = __import__(name[:-3])
for test in sys.argv[2:]:
    gc.collect()
    error = None
    try:
        getattr(module, test)()
    except Exception as exception:  # noqa: BLE001 - whatever it is, it is this test's failure
        text = io.StringIO()
        sys.print_exception(exception, text)
        error = text.getvalue()
    print("RESULT " + json.dumps({"test": test, "error": error}))
