"""What is fetched for a lock has the lock's bytes, or no script of a package runs."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.catalog import isolation
from careen.catalog.alpine.family import ALPINE
from careen.catalog.debian.family import DEBIAN
from careen.catalog.port import Family, PackageSources, RootRequest
from careen.catalog.rpm.family import REDHAT
from careen.errors import VerificationError
from careen.model.catalog.lock import LockedPackage
from careen.tools.process import Finished, Program

DATA = b"a package"
SHA = hashlib.sha256(DATA).hexdigest()
LISTED = f"Package: local\nVersion: 2\nArchitecture: all\nSHA256: {SHA}\n".encode()
PINS = {
    "debian": (
        LockedPackage("tool", "amd64", "1:2.0~x+b1-1", SHA),
        LockedPackage("local", "all", "2", SHA),
    ),
    "alpine": (LockedPackage("tool", "x86_64", "1.2-r0", SHA),),
    "rhel": (LockedPackage("tool", "x86_64", "1:1.2-3.el9", SHA),),
}
SOURCES = {"debian": "deb https://mirror.test/debian trixie main", "alpine": "https://m.test/main"}


def write_tar(path: Path, files: Mapping[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def fetch(into: Path, family: Family, data: bytes | None) -> None:
    """Leave what the programs of a first run leave, nothing of the package without data."""
    (into / "empty/etc/apk").mkdir(parents=True, exist_ok=True)
    if data is None:
        write_tar(into / "fetched.tar", {})
        return
    match family.distribution:
        case "debian":
            archives = "./var/cache/apt/archives"
            files = {
                f"{archives}/tool_1%3a2.0~x+b1-1_amd64.deb": data,
                f"{archives}/other_1_amd64.deb": b"",
                "./var/lib/apt/lists/mirror_main_binary-amd64_Packages": LISTED,
            }
            write_tar(into / "fetched.tar", files)
        case "alpine":
            (into / "cache/APKINDEX.1.tar.gz").touch()
            (into / "cache/tool-1.2-r0.abcdef01.apk").write_bytes(data)
        case _:
            (into / "fetched-0" / "tool-1.2-3.el9.x86_64.rpm").write_bytes(data)


@pytest.mark.parametrize("family", [DEBIAN, ALPINE, REDHAT], ids=lambda each: each.title)
@pytest.mark.parametrize("data", [DATA, b"another of the same version", None])
def test_scripts_run_only_for_the_bytes_of_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: Family, data: bytes | None
) -> None:
    runs: list[bool] = []

    def run(argv: list[str], **_: object) -> Finished:
        runs.append("--net" in argv)
        if not any(runs):
            fetch(tmp_path, family, data)
        elif family is ALPINE:
            (tmp_path / "root/etc/apk").mkdir(parents=True, exist_ok=True)
        return Finished(0, b"", b"")

    monkeypatch.setattr(isolation, "run", run)
    monkeypatch.setattr(isolation, "ROOM", 0)
    monkeypatch.setattr(Program, "path", lambda self: self.names[0])
    name = family.distribution
    lines = (SOURCES.get(name, "https://m.test/os"),)
    sources = PackageSources(lines, lines)
    pins = (PINS[name], (LockedPackage("dev", "all", "1", "0" * 64),))  # of a step not wanted
    request = RootRequest("9", sources, (("tool",),), pins, 7, tmp_path, "x86_64")
    if data == DATA:
        family.make(request)
        assert True in runs
        return
    with pytest.raises(VerificationError, match=r"not those of the lock: .*tool|: local"):
        family.make(request)
    assert True not in runs
