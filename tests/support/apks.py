"""apk repositories made from nothing: signed packages and a signed index, as abuild-sign and
apk-index(8) write them for apk 2 and 3.
"""

import base64
import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from careen.tools.process import check

LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Apk:
    """A package: `files` by path (a text is a file), `scripts` by apk's name (`post-upgrade`),
    `triggers` the paths that its trigger watches.
    """

    name: str
    version: str
    files: Mapping[str, str] = field(default_factory=dict)
    depends: Sequence[str] = ()
    provides: Sequence[str] = ()
    origin: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    triggers: Sequence[str] = ()


def make_key(directory: Path, name: str = "careen-test.rsa") -> Path:
    """Make a key pair, `name` and `name.pub`; return the private one."""
    private = directory / name
    check(["openssl", "genrsa", "-out", str(private), "2048"], timeout=LIMIT, doing="making a key")
    check(
        ["openssl", "rsa", "-in", str(private), "-pubout", "-out", f"{private}.pub"],
        timeout=LIMIT,
        doing="making a key",
    )
    return private


def make_repository(
    directory: Path, key: Path, packages: Sequence[Apk], architecture: str = "x86_64"
) -> Path:
    """Write the packages and their index below `directory/<architecture>`; return `directory`."""
    place = directory / architecture
    place.mkdir(parents=True, exist_ok=True)
    records = []
    for package in packages:
        content = _package(package, key, architecture)
        path = place / f"{package.name}-{package.version}.apk"
        path.write_bytes(content[0] + content[1] + content[2])
        size = sum(len(part) for part in content)
        checksum = (
            "Q1"
            + base64.b64encode(hashlib.sha1(content[1], usedforsecurity=False).digest()).decode()
        )
        lines = [
            f"C:{checksum}",
            f"P:{package.name}",
            f"V:{package.version}",
            f"A:{architecture}",
            f"S:{size}",
            "I:100",
            f"T:{package.name}",
            "U:x",
            "L:MIT",
        ]
        lines += [f"o:{package.origin or package.name}", "t:1600000000"]
        lines += [f"D:{' '.join(package.depends)}"] * bool(package.depends) + [
            f"p:{' '.join(package.provides)}"
        ] * bool(package.provides)
        records.append("\n".join(lines) + "\n\n")
    index = gzipped(
        tar_of({"DESCRIPTION": b"test", "APKINDEX": "".join(records).encode()}, end=True)
    )
    (place / "APKINDEX.tar.gz").write_bytes(signature(index, key) + index)
    return directory


def _package(package: Apk, key: Path, architecture: str) -> tuple[bytes, bytes, bytes]:
    data = gzipped(
        _data(package.files, 1_600_000_000 + zlib.crc32(package.version.encode()) % 1_000_000)
    )
    info = [
        f"pkgname = {package.name}",
        f"pkgver = {package.version}",
        f"arch = {architecture}",
        "size = 100",
        "pkgdesc = x",
        "license = MIT",
        "url = x",
    ]
    info += [
        f"origin = {package.origin or package.name}",
        "builddate = 1600000000",
        f"datahash = {hashlib.sha256(data).hexdigest()}",
    ]
    info += [f"depend = {one}" for one in package.depends] + [
        f"provides = {one}" for one in package.provides
    ]
    info += [f"triggers = {' '.join(package.triggers)}"] * bool(package.triggers)
    members = {
        ".PKGINFO": ("\n".join(info) + "\n").encode(),
        **{f".{name}": text.encode() for name, text in package.scripts.items()},
    }
    control = gzipped(tar_of(members, end=False))
    return signature(control, key), control, data


def signature(signed: bytes, key: Path) -> bytes:
    blob = key.with_name(f"{key.name}.signed")
    blob.write_bytes(signed)
    made = check(
        ["openssl", "dgst", "-sha1", "-sign", str(key), str(blob)], timeout=LIMIT, doing="signing"
    ).stdout
    blob.unlink()
    return gzipped(tar_of({f".SIGN.RSA.{key.name}.pub": made}, end=False))


def _data(files: Mapping[str, str], mtime: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        directories = sorted(
            {str(above) for path in files for above in Path(path).parents if str(above) != "."}
        )
        for name in directories:
            tar.addfile(entry(name, 0o755, tarfile.DIRTYPE))
        for name, text in sorted(files.items()):
            content = text.encode()
            info = entry(name, 0o755 if "/bin/" in f"/{name}" else 0o644, tarfile.REGTYPE)
            info.size, info.mtime = len(content), mtime
            info.pax_headers = {
                "APK-TOOLS.checksum.SHA1": hashlib.sha1(content, usedforsecurity=False).hexdigest()
            }
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tar_of(members: Mapping[str, bytes], *, end: bool) -> bytes:
    """Without an end, the next part of the package goes on as the same archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in members.items():
            info = entry(name, 0o755 if name.startswith(".p") else 0o644, tarfile.REGTYPE)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        size = tar.offset
    return out.getvalue() if end else out.getvalue()[:size]


def entry(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.mtime, info.uname, info.gname = (
        mode,
        kind,
        1_600_000_000,
        "root",
        "root",
    )
    return info


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)
