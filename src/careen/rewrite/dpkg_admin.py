"""Edits of dpkg's smaller databases: mode overrides, alternatives, triggers."""

from collections.abc import Callable

from careen.model.paths import ImagePath, name
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, map_lines, split_lines

STATOVERRIDE = ImagePath("/var/lib/dpkg/statoverride")
ALTERNATIVES = ImagePath("/var/lib/dpkg/alternatives")
TRIGGERS = ImagePath("/var/lib/dpkg/triggers")
MAX_ADMIN = 8 * 1024 * 1024
_OVERRIDE_WORDS = 4


def admin_edits(rootfs: Rootfs, fates: Fates, removed: frozenset[str]) -> dict[ImagePath, bytes]:
    """Return new contents for files that name removed paths, or packages removed whole (names)."""
    edits: dict[ImagePath, bytes] = {}

    def apply(path: ImagePath, edit: Callable[[str], str]) -> None:
        entry = rootfs.get(path)
        if entry is not None and entry.is_file:
            edits[path] = encode(edit(decode(rootfs.read(path, MAX_ADMIN))))

    apply(STATOVERRIDE, lambda text: edit_statoverride(text, fates))
    for path in rootfs.children(ALTERNATIVES):
        apply(path, lambda text: edit_alternative(text, fates))
    for path in rootfs.children(TRIGGERS):
        if name(path) not in ("Lock", "Unincorp"):
            apply(path, lambda text: edit_trigger(text, removed))
    return edits


def edit_statoverride(text: str, fates: Fates) -> str:
    """Drop the lines (`user group mode path`) of removed paths."""

    def change(line: str) -> str | None:
        words = line.split(" ", _OVERRIDE_WORDS - 1)
        return (
            None if len(words) == _OVERRIDE_WORDS and fates.of(words[3]) is Fate.REMOVED else line
        )

    return map_lines(text, change)


def edit_trigger(text: str, removed: frozenset[str]) -> str:
    """Drop the interests of removed packages: `[path ]package[:arch][/noawait]`."""

    def change(line: str) -> str | None:
        package = line.rpartition(" ")[2].partition("/")[0].partition(":")[0]
        return None if package in removed else line

    return map_lines(text, change)


def edit_alternative(text: str, fates: Fates) -> str:
    """Drop the choices whose file was removed, and removed secondary files of the others.

    The format (update-alternatives) starts with mode and link. Pairs of secondary name and link
    follow, then an empty line. Each choice has its path, its priority and one line per secondary
    (empty = none). An empty line ends the file. Other text is returned unchanged.
    """
    lines = split_lines(text)
    header = next((i for i in range(2, len(lines), 2) if lines[i] == "\n"), None)
    if header is None:
        return text
    secondaries = (header - 2) // 2
    out = lines[: header + 1]
    at = header + 1
    while at < len(lines) and lines[at] != "\n":
        choice = lines[at : at + 2 + secondaries]
        at += len(choice)
        if len(choice) != 2 + secondaries:
            return text
        if fates.of(choice[0].removesuffix("\n")) is not Fate.REMOVED:
            out += choice[:2]
            out += [
                "\n" if fates.of(line.removesuffix("\n")) is Fate.REMOVED else line
                for line in choice[2:]
            ]
    return "".join(out + lines[at:])
