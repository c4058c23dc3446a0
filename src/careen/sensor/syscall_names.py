"""Names of system calls by number, per architecture."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def syscall_names(architecture: str) -> Mapping[int, str]:
    """Return the table of `architecture` (a `uname -m` name); empty if unknown."""
    table = files("careen.sensor") / f"syscalls_{architecture}.txt"
    if not table.is_file():
        return {}
    pairs = (line.split() for line in table.read_text().splitlines())
    return {int(number): name for number, name in pairs}


def name_of(architecture: str, number: int) -> str:
    """Return the name, or `syscall_<number>` if the table does not have it."""
    return syscall_names(architecture).get(number, f"syscall_{number}")
