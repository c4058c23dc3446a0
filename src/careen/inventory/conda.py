"""Finder of conda packages, from the `conda-meta` directory of every prefix."""

import re
from collections.abc import Mapping
from typing import Any

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.conda_record import (
    MAX_RECORD,
    depends_of,
    files_of,
    is_record,
    parse_record,
)
from careen.formats.identity import check_identity
from careen.formats.json_document import text
from careen.inventory.allowance import Allowance
from careen.inventory.port import Found
from careen.inventory.python.installed_files import InstalledFiles, qualified
from careen.inventory.unknowns import Unknowns
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs

_ARCHIVE = re.compile(r"\.(conda|tar\.bz2)\Z")


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
        if not entry.is_file or not is_record(entry.path):
            continue
        try:
            record = parse_record(allowance.read(entry.path, MAX_RECORD), entry.path)
            packages.append(_package(record, entry.path, files))
        except ImageError as error:
            unknowns.add(entry.path, error)
    return Found(tuple(packages), unknowns.all())


def _package(record: Mapping[str, Any], path: ImagePath, files: InstalledFiles) -> Package:
    name, version = check_identity(record.get("name"), record.get("version"), path)
    prefix = parent(parent(path))
    (listed,) = files.with_byte_code([files.existing(files_of(record), path, prefix)], path)
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
        depends=depends_of(record),
        architecture=text(record.get("arch")) or subdir,
        licence=text(record.get("license")),
    )


def _channel(url: str, subdir: str) -> str:
    """Return the channel's name: `https://host/pkgs/main/linux-64` gives `main`."""
    parts = [part for part in url.rstrip("/").split("/") if part]
    if len(parts) > 1 and subdir and parts[-1] in (subdir, "noarch"):
        parts.pop()
    return parts[-1] if parts else ""
