"""dpkg's records after an upgrade without dpkg: status, file lists, checksums and scripts.

They list only what is present in the image.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from careen.formats.dpkg_status import MAX_STATUS, Paragraph, join_status, split_status
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.dpkg.archive import DebFile
from careen.patch.deb.dpkg.installed import DebPackage, Key
from careen.patch.deb.dpkg.places import Places
from careen.patch.port import Placed

INFO = "/var/lib/dpkg/info"
STATUS_D = "/var/lib/dpkg/status.d/"
_MD5 = 32  # characters
_MAX_INFO = 32 << 20
_SUM = re.compile(rb"([0-9a-f]{32})  ?\*?(.+)")
_SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "config")
_NOT_KEPT = ("control", "md5sums", "list", "conffiles")
_ORDER = (
    *(
        "Package",
        "Essential",
        "Protected",
        "Status",
        "Priority",
        "Section",
        "Installed-Size",
        "Origin",
        "Maintainer",
        "Bugs",
        "Architecture",
        "Multi-Arch",
    ),
    *(
        "Source",
        "Version",
        "Replaces",
        "Provides",
        "Depends",
        "Pre-Depends",
        "Recommends",
        "Suggests",
        "Breaks",
        "Conflicts",
        "Enhances",
        "Conffiles",
    ),
    "Description",
)
"""Order of fields in dpkg's status file (dpkg's parse.c); other fields follow."""


def has_own_record(package: DebPackage) -> bool:
    """Return whether the package has a record file of its own in status.d (distroless)."""
    return STATUS_D in package.record


def info_name(package: DebPackage, rootfs: Rootfs) -> str:
    """Return the base name of the package's files in dpkg's info directory, "" if it has none."""
    for name in (f"{package.name}:{package.architecture}", package.name):
        if rootfs.find(f"{INFO}/{name}.list") is not None:
            return name
    return ""


def listed(package: DebPackage, rootfs: Rootfs) -> tuple[str, ...]:
    """Return the paths that the image's records list for the package."""
    if has_own_record(package):
        return tuple(
            "/" + path.removeprefix("./").lstrip("/")
            for _, path in _sums(_read(rootfs, f"{package.record}.md5sums"))
        )
    text = _read(rootfs, f"{INFO}/{info_name(package, rootfs)}.list").decode(
        "utf-8", "surrogateescape"
    )
    return tuple(line for line in text.split("\n") if line.startswith("/") and line != "/.")


def conffiles(package: DebPackage) -> Mapping[str, str]:
    """Return the package's configuration files with the MD5 of their shipped content."""
    out: dict[str, str] = {}
    for line in package.get("Conffiles").split("\n"):
        words = line.split()
        if len(words) > 1 and words[0].startswith("/"):
            path = " ".join(words[:-1]) if len(words[-1]) == _MD5 else words[0]
            out[path] = next((word for word in reversed(words) if len(word) == _MD5), "")
    return out


def status_with(rootfs: Rootfs, path: ImagePath, new: Mapping[Key, bytes]) -> Placed:
    """Return the status file with the paragraphs of these packages replaced."""
    paragraphs = split_status(rootfs.read(path, MAX_STATUS), path)
    out = [
        Paragraph(new[key], {})
        if (key := (each.get("Package"), each.get("Architecture"))) in new
        else each
        for each in paragraphs
    ]
    return _renewed(rootfs, path, join_status(out))


def paragraph_of(deb: DebFile, present: Iterable[str], selection: str) -> bytes:
    """Return a package's paragraph for the status file.

    `selection` is dpkg's selection state (`install`, `hold`).
    """
    there = set(present)
    sums = {
        member.path: hashlib.md5(member.content, usedforsecurity=False).hexdigest()
        for member in deb.members
        if member.path in deb.conffiles()
    }
    held = "".join(f"\n {path} {sums[path]}" for path in sums if path in there)
    fields = dict(_raw_fields(deb.control["control"]))
    fields["Status"] = f" {selection} ok installed"
    if held:
        fields["Conffiles"] = held
    names = [name for name in _ORDER if name in fields] + [
        name for name in fields if name not in _ORDER
    ]
    return (
        "".join(f"{name}:{fields[name]}\n" for name in names).encode("utf-8", "surrogateescape")
        + b"\n"
    )


def records(
    package: DebPackage, deb: DebFile, present: Iterable[str], places: Places
) -> tuple[list[Placed], list[ImagePath]]:
    """Return the package's new record files and the record files to remove.

    The status file is not among them.
    """
    rootfs = places.rootfs
    there = set(present)
    sums = b"".join(
        line + b"\n"
        for line in deb.control.get("md5sums", b"").split(b"\n")
        if _path_of(line) in there
    )
    if has_own_record(package):
        record = ImagePath(package.record)
        out = [_renewed(rootfs, record, deb.control["control"].rstrip(b"\n") + b"\n")]
        if (old := rootfs.get(ImagePath(f"{record}.md5sums"))) is not None and old.is_file:
            out.append(_renewed(rootfs, old.path, sums))
        return out, []
    name = info_name(package, rootfs)
    if not name:
        return [], []
    lines = [
        text if text != "/" else "/."
        for text in (member.path for member in deb.members)
        if text in there
    ]
    contents = {
        "list": "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"),
        "md5sums": sums,
        "conffiles": "".join(f"{path}\n" for path in sorted(deb.conffiles() & there)).encode(
            "utf-8", "surrogateescape"
        ),
        **{member: content for member, content in deb.control.items() if member not in _NOT_KEPT},
    }
    placed: list[Placed] = []
    removed: list[ImagePath] = []
    directory = rootfs.find(INFO)
    for member, content in sorted(contents.items()):
        path = places.of(f"{INFO}/{name}.{member}", package.name)
        entry = rootfs.get(path)
        if entry is not None and entry.is_file:
            if entry.size != len(content) or rootfs.read(path, _MAX_INFO) != content:
                placed.append(_renewed(rootfs, path, content))
        elif content and member in (*_SCRIPTS, "triggers", "conffiles"):
            mode = 0o755 if member in _SCRIPTS else 0o644
            placed.append(Placed(_new(path, mode, len(content), places.number()), content))
    for path in rootfs.children(directory.path) if directory is not None else ():
        stem, _, member = path.rpartition("/")[2].rpartition(".")
        if stem == name and member not in contents:
            removed.append(path)
    return placed, removed


def _renewed(rootfs: Rootfs, path: ImagePath, content: bytes) -> Placed:
    return Placed(replace(rootfs[path], size=len(content)), content)


def _new(path: ImagePath, mode: int, size: int, number: int) -> Entry:
    return Entry(path, EntryKind.FILE, mode, 0, 0, size, 0.0, 0, number)


def _read(rootfs: Rootfs, path: str) -> bytes:
    entry = rootfs.find(path)
    return rootfs.read(entry.path, _MAX_INFO) if entry is not None and entry.is_file else b""


def _sums(data: bytes) -> list[tuple[str, str]]:
    return [
        (found[1].decode(), found[2].decode("utf-8", "surrogateescape"))
        for line in data.split(b"\n")
        for found in [_SUM.fullmatch(line)]
        if found
    ]


def _path_of(line: bytes) -> str:
    found = _SUM.fullmatch(line)
    return (
        "/" + found[2].decode("utf-8", "surrogateescape").removeprefix("./").lstrip("/")
        if found
        else ""
    )


def _raw_fields(control: bytes) -> Iterable[tuple[str, str]]:
    """Yield a control file's fields with raw values, leading blanks and line breaks included."""
    name, value = "", ""
    for line in control.decode("utf-8", "surrogateescape").rstrip("\n").split("\n"):
        if line[:1] in (" ", "\t"):
            value += f"\n{line}"
            continue
        if name:
            yield name, value
        name, _, value = line.partition(":")
    if name:
        yield name, value
