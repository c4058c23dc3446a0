"""The embedding workload, which the benchmarks of whole images take unless they are told another one."""

import shlex
import sys
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
    return (f"cd {shlex.quote(str(WORKLOAD))} && PYTHONDONTWRITEBYTECODE=1 {python} -m pytest -q -p no:cacheprovider test_profile.py",)


def scratch_bytes(archive: Path) -> int:
    """Room that stripping needs, generously."""
    return 2 * archive.stat().st_size + (1 << 30)
