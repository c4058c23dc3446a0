"""A signed archive of Debian packages in a directory, made by the test: packages by dpkg-deb, a key
and a signature by gpg.
"""

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DAY = 86400


@dataclass(frozen=True)
class Deb:
    """A package to build: fields of its control file besides the usual ones, files (path →
    content), maintainer scripts and conffiles.
    """

    name: str
    version: str
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    architecture: str = "all"


def control_of(deb: Deb) -> str:
    lines = {
        "Package": deb.name,
        "Version": deb.version,
        "Architecture": deb.architecture,
        "Maintainer": "Nobody <nobody@example.org>",
        "Description": "a package of a test",
        **deb.fields,
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def build_deb(deb: Deb, directory: Path, compression: str = "xz") -> Path:
    """Build it and return its file. conffiles are what lies below etc."""
    tree = directory / f"tree-{deb.name}-{deb.version}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(control_of(deb))
    sums: list[str] = []
    for path, content in deb.files.items():
        data = content.encode() if isinstance(content, str) else content
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if "/bin/" in path:
            place.chmod(0o755)
        if not path.startswith("/etc/"):
            sums.append(
                f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  {path.lstrip('/')}\n"
            )
    for path, target in deb.links.items():
        place = tree / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    (tree / "DEBIAN" / "md5sums").write_text("".join(sums))
    if conffiles := [path for path in deb.files if path.startswith("/etc/")]:
        (tree / "DEBIAN" / "conffiles").write_text("".join(f"{path}\n" for path in conffiles))
    for name, text in deb.scripts.items():
        (tree / "DEBIAN" / name).write_text(text)
        (tree / "DEBIAN" / name).chmod(0o755)
    out = directory / f"{deb.name}_{deb.version.replace(':', '%3a')}_{deb.architecture}.deb"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.check_call(
        ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "-z0", "-b", str(tree), str(out)],
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    return out


def make_key(home: Path, name: str = "Archive of a test") -> Path:
    """Make a key in a gpg home of its own and return the file with its public half."""
    home.mkdir(mode=0o700)
    gpg(
        home,
        "--passphrase",
        "",
        "--quick-generate-key",
        f"{name} <archive@example.org>",
        "ed25519",
        "sign",
        "never",
    )
    out = home / "archive.asc"
    out.write_bytes(gpg(home, "--armor", "--export"))
    subprocess.call(["gpgconf", "--homedir", str(home), "--kill", "all"])
    return out


def gpg(home: Path, *words: str) -> bytes:
    return subprocess.check_output(
        [
            "gpg",
            "--homedir",
            str(home),
            "--batch",
            "--yes",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            *words,
        ],
        stderr=subprocess.DEVNULL,
    )


def write_archive(
    archive: Path,
    debs: Sequence[tuple[Deb, Path]],
    home: Path | None,
    *,
    codename: str = "test",
    architecture: str,
    days: float = 7,
) -> None:
    """Index the packages below `archive` and sign the index with the key of `home` (None: not at
    all). `days` are how long it holds.
    """
    import time
    from email.utils import formatdate

    pool = archive / "pool"
    pool.mkdir(parents=True, exist_ok=True)
    entries: list[str] = []
    for deb, built in debs:
        data = built.read_bytes()
        (pool / built.name).write_bytes(data)
        sums = (
            f"Filename: pool/{built.name}\nSize: {len(data)}\nSHA256:"
            f" {hashlib.sha256(data).hexdigest()}\n"
        )
        entries.append(control_of(deb).replace("Description:", f"{sums}Description:"))
    place = archive / "dists" / codename
    index = place / "main" / f"binary-{architecture}" / "Packages"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text("\n".join(entries))
    now = time.time()
    packages = index.read_bytes()
    release = (
        f"Origin: Test\nLabel: Test\nSuite: {codename}\nCodename: {codename}\nComponents:"
        f" main\nArchitectures: {architecture}\nDate:"
        f" {formatdate(now - 10 * DAY, usegmt=True)}\nValid-Until:"
        f" {formatdate(now + days * DAY, usegmt=True)}\nSHA256:\n"
        f" {hashlib.sha256(packages).hexdigest()} {len(packages)}"
        f" main/binary-{architecture}/Packages\n"
    )
    for name in ("Release", "InRelease"):
        (place / name).unlink(missing_ok=True)
    (place / "Release").write_text(release)
    if home is not None:
        gpg(home, "--clearsign", "-o", str(place / "InRelease"), str(place / "Release"))
        subprocess.call(["gpgconf", "--homedir", str(home), "--kill", "all"])


def deb_bytes(
    control: str,
    members: Sequence[tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]],
    scripts: Mapping[str, str] | None = None,
) -> bytes:
    """Return a package file made without dpkg, of any members."""
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar": _tar(
            [
                (_info(f"./{name}", text), text.encode())
                for name, text in {"control": control, **(scripts or {})}.items()
            ]
        ),
        "data.tar": _tar(members),
    }
    out = b"!<arch>\n"
    for name, data in parts.items():
        out += (
            f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode()
            + data
            + b"\n" * (len(data) % 2)
        )
    return out


def _info(name: str, text: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    return info


def _tar(members: Sequence[tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()
