"""What one program costs: wall-clock and processor seconds, and the peak resident set of it and its
children.

`measured` runs this file as a program in between, because the kernel adds up children for whoever
waits for them.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.tools.process import run

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """`seconds` by the clock, `cpu` of user and kernel mode together, `peak_mb` in 10^6 bytes, and
    what the program printed.
    """

    seconds: float
    cpu: float
    peak_mb: float
    output: str


def measured(argv: Sequence[str], limit: float) -> Cost:
    """Run `argv` in the checkout; a failure, or more than `limit` seconds, ends the benchmark with
    what it said.
    """
    done = run([sys.executable, "-m", "bench._measured", *argv], timeout=limit, cwd=str(CHECKOUT))
    if done.status != 0:
        message = (
            f"{' '.join(argv)[:200]}:"
            f" {f'not done in {limit:g} s' if done.status is None else done.complaint}"
        )
        raise SystemExit(message)
    *lines, last = done.text.rstrip().splitlines()
    return Cost(**json.loads(last), output="\n".join(lines))


def main(argv: list[str]) -> int:
    """Run, then print the cost as one line of JSON."""
    begin = time.monotonic()
    status = subprocess.call(argv)
    seconds = time.monotonic() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": used.ru_utime + used.ru_stime,
                "peak_mb": used.ru_maxrss * 1024 / 1e6,
            }
        ),
        flush=True,
    )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
