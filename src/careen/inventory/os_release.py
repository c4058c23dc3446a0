"""Which distribution an image is, from os-release(5)."""

import shlex
from dataclasses import dataclass

from careen.errors import ImageError
from careen.oci.rootfs import Rootfs

_LIMIT = 64 << 10


@dataclass(frozen=True, slots=True)
class OsRelease:
    """`id` (`debian`) and `version` (`13`), each "" where the file does not say."""

    id: str = ""
    version: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.id, self.version) if part)


def read_os_release(rootfs: Rootfs) -> OsRelease:
    """Read /etc/os-release, else /usr/lib/os-release; one that is missing or damaged gives an empty answer."""
    for place in ("/etc/os-release", "/usr/lib/os-release"):
        entry = rootfs.find(place)
        if entry is None or not entry.is_file:
            continue
        try:
            text = rootfs.read(entry.path, _LIMIT).decode("utf-8", "replace")
        except ImageError:
            continue
        values = dict(_assignment(line) for line in text.splitlines() if "=" in line)
        return OsRelease(values.get("ID", ""), values.get("VERSION_ID", ""))
    return OsRelease()


def _assignment(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    try:
        words = shlex.split(value)
    except ValueError:
        words = []
    return name.strip(), words[0] if words else ""
