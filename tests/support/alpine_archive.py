"""Alpine's own packages as a signed repository, made again from the root that they are installed in.

The files, scripts and fields are Alpine's; the packages and their index are signed by a test's key.
"""

import base64
import hashlib
import io
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.apks import gzipped, signature, tar_of

_INFO = {"P": "pkgname", "V": "pkgver", "A": "arch", "T": "pkgdesc", "L": "license", "U": "url"}
_MORE = {"o": "origin", "m": "maintainer", "t": "builddate", "k": "provider_priority"}
SMALL = (
    *("alpine-baselayout", "alpine-baselayout-data", "alpine-keys", "alpine-release", "apk-tools"),
    *("libapk", "busybox", "busybox-binsh", "ca-certificates-bundle", "libcrypto3", "libssl3"),
    *("musl", "musl-utils", "scanelf", "ssl_client", "zlib"),
)
"""What `compat` of the catalog's entry is made of, time zones aside, which this root lacks."""
_LISTS = {"D": "depend", "p": "provides", "i": "install_if", "r": "replaces"}


@dataclass(slots=True)
class Record:
    """A package of an installed root: its fields, directories and files with mode and owner."""

    fields: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    scripts: dict[str, bytes] = field(default_factory=dict)
    triggers: str = ""

    @property
    def name(self) -> str:
        return self.fields["P"]

    @property
    def file(self) -> str:
        return f"{self.name}-{self.fields['V']}"


def records(root: Path) -> Mapping[str, Record]:
    """Return the packages that apk has installed below a root, by name."""
    database = root / "lib/apk/db"
    out: dict[str, Record] = {}
    for text in (database / "installed").read_text().split("\n\n"):
        if text.strip():
            found = _record(text)
            out[found.name] = found
    sums = {each.fields["C"]: each for each in out.values()}
    for line in (database / "triggers").read_text().splitlines():
        checksum, _, paths = line.partition(" ")
        sums[checksum].triggers = paths
    with tarfile.open(database / "scripts.tar.gz") as tar:
        for member in tar:
            package, _, kind = member.name.rpartition(".")
            content = tar.extractfile(member)
            assert content is not None
            owner = next(each for each in out.values() if package.startswith(f"{each.file}."))
            owner.scripts[kind] = content.read()
    return out


def _record(text: str) -> Record:
    out, directory, last = Record(), "", ""
    for line in text.strip().splitlines():
        letter, value = line[0], line[2:]
        if letter == "F":
            directory = last = value
            out.places[last] = (0o755, 0, 0)
        elif letter == "R":
            last = f"{directory}/{value}" if directory else value
            out.places[last] = (0o644, 0, 0)
        elif letter in "Ma":
            uid, gid, mode = value.split(":")
            out.places[last] = (int(mode, 8), int(uid), int(gid))
        elif letter != "Z":
            out.fields.setdefault(letter, value)
    return out


def repacked(root: Path, place: Path, key: Path, names: Iterable[str] = ()) -> None:
    """Write packages of a root (none: all) and their signed index to `place/x86_64`."""
    found = records(root)
    here = place / "x86_64"
    here.mkdir(parents=True, exist_ok=True)
    wanted = list(names) or list(found)
    lines = [_offered(found[name], root, here, key) for name in wanted]
    index(here, lines, key)


def index(here: Path, records: Iterable[str], key: Path) -> None:
    """Write the signed index of these records."""
    data = {"DESCRIPTION": b"test", "APKINDEX": "".join(records).encode()}
    packed = gzipped(tar_of(data, end=True))
    (here / "APKINDEX.tar.gz").write_bytes(signature(packed, key) + packed)


def _offered(record: Record, root: Path, here: Path, key: Path) -> str:
    data = gzipped(_data(record, root))
    control = gzipped(tar_of(dict(_control(record, data)), end=False))
    packed = signature(control, key) + control + data
    (here / f"{record.file}.apk").write_bytes(packed)
    digest = hashlib.sha1(control, usedforsecurity=False).digest()
    kept = {x: y for x, y in record.fields.items() if x not in "CScqs"}
    rows = {"C": f"Q1{base64.b64encode(digest).decode()}", **kept, "S": str(len(packed))}
    return "".join(f"{letter}:{value}\n" for letter, value in rows.items()) + "\n"


def _control(record: Record, data: bytes) -> Iterator[tuple[str, bytes]]:
    fields = record.fields
    rows = [f"{word} = {fields[x]}" for x, word in {**_INFO, **_MORE}.items() if x in fields]
    rows += [f"size = {fields['I']}", f"datahash = {hashlib.sha256(data).hexdigest()}"]
    for letter, word in _LISTS.items():
        rows += [f"{word} = {each}" for each in fields.get(letter, "").split()]
    if record.triggers:
        rows.append(f"triggers = {record.triggers}")
    yield ".PKGINFO", ("\n".join(rows) + "\n").encode()
    yield from ((f".{kind}", script) for kind, script in record.scripts.items())


def _data(record: Record, root: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, (mode, uid, gid) in sorted(record.places.items()):
            there = root / path
            if not path or not (there.is_symlink() or there.exists()):
                continue
            info = tarfile.TarInfo(path)
            info.mode, info.uid, info.gid = mode, uid, gid
            info.mtime = int(there.lstat().st_mtime)
            content = b""
            if there.is_symlink():
                info.type, info.linkname = tarfile.SYMTYPE, str(there.readlink())
                content = info.linkname.encode()
            elif stat.S_ISDIR(there.lstat().st_mode):
                info.type = tarfile.DIRTYPE
            else:
                content = there.read_bytes()
                info.size = len(content)
            if info.type != tarfile.DIRTYPE:
                digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
                info.pax_headers = {"APK-TOOLS.checksum.SHA1": digest}
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return out.getvalue()


def own_apk(root: Path, folder: Path) -> Path:
    """Write a program `apk` that runs the one of an Alpine root on this machine; return it."""
    out = folder / "apk"
    loader = next(root.glob("lib/ld-musl-*.so.1"))
    words = f"{loader} --library-path {root}/lib:{root}/usr/lib {root}/sbin/apk"
    out.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    out.chmod(0o755)
    return out
