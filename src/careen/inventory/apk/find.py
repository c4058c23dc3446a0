"""Finder of apk packages: Alpine, Wolfi, Chainguard and others."""

import re
from collections.abc import Iterator

from packageurl import PackageURL

from careen.errors import ImageError
from careen.formats.identity import check_identity
from careen.inventory.allowance import Allowance
from careen.inventory.apk.database import MAX_DATABASE, ApkRecord, read_records
from careen.inventory.os_release import purl_qualifier, read_distribution
from careen.inventory.port import Found
from careen.inventory.python.installed_files import InstalledFiles, licence_files, qualified
from careen.inventory.unknowns import Unknowns
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")

_CONSTRAINT = re.compile(r"[<>=~@]")


def find(rootfs: Rootfs) -> Found:
    """Return the packages of apk's database, at either of its two paths.

    `depends` and `provides` are apk's words without versions and conflicts (`musl`,
    `so:libcrypto.so.3`, `/bin/sh`). `metadata` is empty: the files with scripts and triggers belong
    to no single package.
    """
    unknowns = Unknowns()
    packages: list[Package] = []
    allowance = Allowance(rootfs)
    files = InstalledFiles(rootfs, allowance, unknowns)
    release = read_distribution(rootfs)
    for path in _databases(rootfs):
        records = list(_records(allowance, path, unknowns))
        packages.extend(_packages(records, path, files, release, unknowns))
    return Found(tuple(packages), unknowns.all())


def _databases(rootfs: Rootfs) -> tuple[ImagePath, ...]:
    """Return each database file once; one of the paths may be a link to the other."""
    found = (rootfs.find(place) for place in DATABASES)
    return tuple(
        dict.fromkeys(entry.path for entry in found if entry is not None and entry.is_file)
    )


def _records(allowance: Allowance, path: ImagePath, unknowns: Unknowns) -> Iterator[ApkRecord]:
    try:
        yield from read_records(allowance.read(path, MAX_DATABASE), path)
    except ImageError as error:
        unknowns.add(path, error)


def _packages(
    records: list[ApkRecord],
    path: ImagePath,
    files: InstalledFiles,
    release: Distribution | None,
    unknowns: Unknowns,
) -> Iterator[Package]:
    named: list[ApkRecord] = []
    for record in records:
        if record.cut:
            unknowns.add(
                path,
                f"the database ends within the record of {record.get('P')!r}: it may have been"
                " cut off",
            )
        for line in record.strange:
            unknowns.add(path, f"package {record.get('P')!r}: not a field: {line!r}")
        try:
            check_identity(record.get("P"), record.get("V"), path)
        except ImageError as error:
            unknowns.add(path, error)
        else:
            named.append(record)
    if not records:
        unknowns.add(path, "apk's list of packages is empty")
    lists: tuple[tuple[ImagePath, ...], ...]
    try:
        lists = files.with_byte_code([files.existing(record.files, path) for record in named], path)
    except ImageError as error:
        unknowns.add(path, error)
        lists = ((),) * len(named)
    for record, listed in zip(named, lists, strict=True):
        yield _package(record, path, listed, release)


def _package(
    record: ApkRecord, path: ImagePath, files: tuple[ImagePath, ...], release: Distribution | None
) -> Package:
    name, version, origin, architecture = (
        record.get("P"),
        record.get("V"),
        record.get("o"),
        record.get("A"),
    )
    qualifiers = qualified(
        arch=architecture, distro=purl_qualifier(release), upstream=origin if origin != name else ""
    )
    return Package(
        ecosystem=Ecosystem.APK,
        name=name,
        version=version,
        purl=PackageURL(
            "apk",
            (release.id if release is not None else "") or "alpine",
            name,
            version,
            dict(qualifiers),
        ).to_string(),
        record=path,
        files=files,
        licences=licence_files(files),
        depends=_names(record.get("D")),
        provides=_names(record.get("p")),
        architecture=architecture,
        source=f"{origin or name}@{version}",
        licence=record.get("L"),
    )


def _names(words: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            _CONSTRAINT.split(word, maxsplit=1)[0]
            for word in words.split()
            if not word.startswith("!")
        )
    )
