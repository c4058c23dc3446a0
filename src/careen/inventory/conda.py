"""Finder of conda packages, from the `conda-meta` directory of every prefix."""

import re
from collections.abc import Mapping
from typing import Any

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import check_identity
from careen.formats.json_document import items, parse_object, text
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.python.installed_files import InstalledFiles, qualified
from careen.inventory.unknowns import Unknowns
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs

DIRECTORY = "conda-meta"

MAX_RECORD = 64 << 20  # conda's largest, of 60,000 files with their checksums, has about 20 MB
# Arrays and objects in a record: 30 MB of `[[],[],…` become a gigabyte of objects.
MAX_CONTAINERS = 1_000_000
MAX_COMMAS = 4_000_000

_ARCHIVE = re.compile(r"\.(conda|tar\.bz2)\Z")
_SPECIFICATION = re.compile(r"[\s=<>!~\[]")


def find(rootfs: Rootfs) -> Found:
    """Return the packages of all conda prefixes.

    `files` are those that the record lists and the prefix has, byte code included. `depends` are
    names without versions or virtual packages (`__glibc`). A Python distribution inside a conda
    package is also found by the Python finder, as their own tools and scanners do.
    """
    unknowns = Unknowns()
    allowance = Allowance(rootfs)
    files = InstalledFiles(rootfs, allowance, unknowns)
    packages: list[Package] = []
    for entry in rootfs:
        if not _is_record(entry):
            continue
        try:
            packages.append(_package(_read(allowance, entry.path), entry.path, files))
        except ImageError as error:
            unknowns.add(entry.path, error)
    return Found(tuple(packages), unknowns.all())


def _is_record(entry: Entry) -> bool:
    """Return whether a file is a record, named `name-version-build.json`."""
    # `history`, `state`, `pinned` and others lie beside the records.
    directory, _, name = entry.path.rpartition("/")
    return (
        name.endswith(".json")
        and name.count("-") > 1
        and entry.is_file
        and directory.endswith(f"/{DIRECTORY}")
    )


def _read(allowance: Allowance, path: ImagePath) -> Mapping[str, Any]:
    data = allowance.read(path, MAX_RECORD)
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS or data.count(b",") > MAX_COMMAS:
        msg = (
            f"{path}: more than {MAX_CONTAINERS} arrays and objects, or {MAX_COMMAS} commas, in a"
            " conda record"
        )
        raise ImageError(msg)
    return parse_object(data, path, ImageError)


def _package(record: Mapping[str, Any], path: ImagePath, files: InstalledFiles) -> Package:
    name, version = check_identity(record.get("name"), record.get("version"), path)
    prefix = parent(parent(path))
    (listed,) = files.with_byte_code(
        [
            files.existing(
                [file for file in items(record.get("files")) if isinstance(file, str)], path, prefix
            )
        ],
        path,
    )
    subdir = text(record.get("subdir"))
    archive = _ARCHIVE.search(text(record.get("fn")) or text(record.get("url")))
    qualifiers = qualified(
        build=text(record.get("build")) or text(record.get("build_string")),
        channel=_channel(text(record.get("channel")), subdir),
        subdir=subdir,
        type=archive.group(1) if archive is not None else "",
    )
    return Package(
        ecosystem=Ecosystem.CONDA,
        name=name,
        version=version,
        purl=PackageURL("conda", None, name, version, dict(qualifiers)).to_string(),
        record=path,
        files=listed,
        metadata=(path,),
        licences=(),
        depends=_depends(record.get("depends")),
        architecture=text(record.get("arch")) or subdir,
        licence=text(record.get("license")),
    )


def _channel(url: str, subdir: str) -> str:
    """Return the channel's name: `https://host/pkgs/main/linux-64` gives `main`."""
    parts = [part for part in url.rstrip("/").split("/") if part]
    if len(parts) > 1 and subdir and parts[-1] in (subdir, "noarch"):
        parts.pop()
    return parts[-1] if parts else ""


def _depends(value: object) -> tuple[str, ...]:
    """Return `("python", "libgcc-ng")` for `["python >=3.11,<3.12.0a0", "libgcc-ng"]`."""
    names = (
        _SPECIFICATION.split(word.strip(), maxsplit=1)[0].rpartition("::")[2]
        for word in items(value)
        if isinstance(word, str)
    )
    return tuple(dict.fromkeys(name for name in names if name and not name.startswith("__")))
