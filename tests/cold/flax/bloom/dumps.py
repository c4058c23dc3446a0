"""What an operator wants to know of a process that hangs."""

import faulthandler
import sys


def dump() -> None:
    print("bloom: dump", file=sys.stderr, flush=True)
    faulthandler.dump_traceback(all_threads=True)
