"""Distribution of an image, from os-release(5)."""

import shlex

from careen.errors import ImageError
from careen.model.packages.distribution import Distribution
from careen.oci.tree.rootfs import Rootfs

_LIMIT = 64 << 10


def read_distribution(rootfs: Rootfs) -> Distribution | None:
    """Return the data of /etc/os-release, else /usr/lib/os-release, or None."""
    for place in ("/etc/os-release", "/usr/lib/os-release"):
        entry = rootfs.find(place)
        if entry is None or not entry.is_file:
            continue
        try:
            text = rootfs.read(entry.path, _LIMIT).decode("utf-8", "replace")
        except ImageError:
            continue
        values = dict(_assignment(line) for line in text.splitlines() if "=" in line)
        return Distribution(
            id=values.get("ID", ""),
            version_id=values.get("VERSION_ID", ""),
            codename=values.get("VERSION_CODENAME", ""),
            like=tuple(values.get("ID_LIKE", "").split()),
            name=values.get("PRETTY_NAME", ""),
            path=entry.path,
        )
    return None


def purl_qualifier(distribution: Distribution | None) -> str:
    """Return the `distro` qualifier of a purl (`debian-12`), or "" without an id."""
    return (
        "-".join(part for part in (distribution.id, distribution.version_id) if part)
        if distribution is not None
        else ""
    )


def _assignment(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    try:
        words = shlex.split(value)
    except ValueError:
        words = []
    return name.strip(), words[0] if words else ""
