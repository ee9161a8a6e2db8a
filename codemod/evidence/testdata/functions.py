"""Runs the test functions of one module and prints what became of each, one a line, as JSON.

python3 functions.py MODULE SECONDS_A_TEST SECONDS_IN_ALL

Seconds are those of the processor, so that a busy machine changes nothing. An
outcome is "ok", "skipped", the type of the exception, or "late" for a test
that took too long or for which no time was left: that says nothing.
"""

import importlib
import json
import random
import signal
import sys
import time


class Late(BaseException):
    pass


def late(*_):
    raise Late


def outcome(function, seconds):
    random.seed(1)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        function()
        return "ok"
    except Late:
        return "late"
    except BaseException as e:
        return "skipped" if type(e).__name__ in ("Skipped", "SkipTest") else type(e).__name__
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def main(name, each, total):
    signal.signal(signal.SIGVTALRM, late)
    end = time.process_time() + total
    module = importlib.import_module(name)
    for test in sorted(n for n in vars(module) if n.startswith("test_") and callable(getattr(module, n))):
        left = min(each, end - time.process_time())
        result = outcome(getattr(module, test), left) if left > 0 else "late"
        print(json.dumps({"test": f"{name}.{test}", "outcome": result}), flush=True)


main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
