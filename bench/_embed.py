"""The embedding workload, which the benchmarks of whole images take unless they are told another
one.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bench._measured import CHECKOUT

IMAGE = "wl/embed:cpu"
WORKLOAD = CHECKOUT.parent / "shared" / "workloads" / "embed"


def default_test(image: str) -> tuple[str, ...]:
    """The tests of the embedding workload if `image` is that one, else none."""
    if image != IMAGE:
        return ()
    if not WORKLOAD.is_dir():
        message = f"{WORKLOAD}: not there; name another image, with --test"
        raise SystemExit(message)
    python = shlex.quote(sys.executable)
    return (
        (
            f"cd {shlex.quote(str(WORKLOAD))} && PYTHONDONTWRITEBYTECODE=1 {python} -m pytest -q -p"
            " no:cacheprovider test_profile.py"
        ),
    )


def profile_words(image: str, tests: Sequence[str]) -> list[str]:
    """The options of `careen profile` for these tests, else for those that an image has by default;
    an image without tests is watched for ten seconds.
    """
    found = tuple(tests) or default_test(image)
    return [word for test in found for word in ("--test", test)] or ["--observe", "10s"]


def scratch_bytes(archive: Path) -> int:
    """Room that stripping needs, generously."""
    return 2 * archive.stat().st_size + (1 << 30)
