"""qemu-user as a handler of binfmt_misc, for the time of a test run: careen registers none itself."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from careen.model.machines import program_header
from careen.tools.binfmt import ROOT, handler_for, handlers

QEMU = ("qemu-aarch64-static", "qemu-aarch64")
COMPILER = "aarch64-linux-gnu-gcc"
PREFIX = "careen-test-"


def qemu() -> str | None:
    """Return the path of a statically linked qemu-user for arm64."""
    return next((path for name in QEMU if (path := shutil.which(name)) is not None), None)


def missing() -> str | None:
    """Say what is missing to run programs of arm64 in containers."""
    if os.geteuid() != 0:
        return "needs root to register a handler of binfmt_misc"
    if qemu() is None:
        return "qemu-user is not installed"
    if shutil.which(COMPILER) is None:
        return f"{COMPILER} is not installed"
    if "binfmt_misc" not in Path("/proc/filesystems").read_text():
        return "the kernel has no binfmt_misc"
    return None


def _remove_stale() -> None:
    """Remove the handlers of test runs that were killed."""
    for path in ROOT.glob(f"{PREFIX}*"):
        if not Path("/proc", path.name.removeprefix(PREFIX)).exists():
            path.write_text("-1")


@contextlib.contextmanager
def emulator() -> Iterator[str]:
    """Run arm64 programs by qemu-user; yield the emulator's path.

    A handler that is there already is used as it is, unless it is another run's and may go.
    binfmt_misc stays mounted.
    """
    if handlers() is None:
        subprocess.check_call(["mount", "-t", "binfmt_misc", "binfmt_misc", str(ROOT)])
    _remove_stale()
    lasting = [each for each in handlers() or () if not each.name.startswith(PREFIX)]
    known = handler_for("arm64", lasting)
    if known is not None and known.in_containers and {"O", "C"} & set(known.flags):
        yield known.interpreter
        return
    name, path = f"{PREFIX}{os.getpid()}", qemu()
    header = program_header("arm64") or b""
    # executables and shared objects (e_type 2 and 3), whatever the OS ABI
    mask = bytearray(b"\xff" * len(header))
    mask[7], mask[16] = 0, 0xFE
    parts = ("".join(f"\\x{byte:02x}" for byte in data) for data in (header, bytes(mask)))
    (ROOT / "register").write_text(f":{name}:M::{':'.join(parts)}:{path}:OPF")
    try:
        yield str(path)
    finally:
        (ROOT / name).write_text("-1")
