"""Files against the digests of their packages: a file without one is never called unchanged."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from careen.compliance.checks.packages import unchanged
from careen.compliance.checks.packages.unchanged import CHECKS
from careen.compliance.recorded import digest_of, recorded_digests
from careen.compliance.subject import Subject
from careen.model.compliance.result import Result
from careen.model.packages.file_digest import FileDigest
from tests.support.compliance import DELIVERED, SERVICE, subject
from tests.support.images import Item, file, layer
from tests.support.rpms import package as rpm
from tests.support.rpms import sqlite_database

SUMS = "var/lib/dpkg/info/service.md5sums"
(CHECK,) = CHECKS


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


SOUND_SUMS = "".join(f"{md5(data)}  {name}\n" for name, data in DELIVERED.items())


def decided(folder: Path, *more: Item, layers: Sequence[bytes] | None = None) -> tuple[Result, str]:
    with subject(folder, *more, layers=layers) as image:
        decision = CHECK.decide(image)
    return decision.result, decision.reason


@pytest.mark.parametrize("listed", ["", SOUND_SUMS.partition("\n")[2], "zz  usr/bin/service\n"])
def test_a_changed_file_that_the_digests_leave_out_is_named(tmp_path: Path, listed: str) -> None:
    changed = file("usr/bin/service", b"other", mode=0o755)
    result, reason = decided(tmp_path, changed, file(SUMS, listed))
    assert result is Result.NOT_EVALUABLE
    assert ("/usr/bin/service" in reason) == ("libservice.so" in listed)


def test_configuration_files_and_byte_code_need_no_digest(tmp_path: Path) -> None:
    more = (
        file("var/lib/dpkg/info/service.list", "/usr/bin/service\n/opt/app.conf\n/usr/lib/x.pyc\n"),
        file("var/lib/dpkg/info/service.conffiles", "/opt/app.conf\n"),
        file("opt/app.conf", "x"),
        file("usr/lib/x.pyc", "x"),
    )
    assert decided(tmp_path, *more)[0] is Result.PASS


def rpm_root(*blobs: bytes) -> list[bytes]:
    members = (
        file("etc/os-release", 'ID="rhel"\nVERSION_ID="9.4"\n'),
        file("usr/bin/tool", b"tool", mode=0o755),
        file("usr/bin/other", b"other", mode=0o755),
        file("var/lib/rpm/rpmdb.sqlite", sqlite_database(blobs)),
    )
    return [layer(*members)]


def delivered(name: str, data: bytes, **more: object) -> bytes:
    values = {"filedigests": [md5(data)], "fileflags": [0], **more}
    return rpm(name, "1", "1", arch="x86_64", files=[f"/usr/bin/{name}"], **values)  # type: ignore[arg-type]


def test_rpm_files_with_digests_are_compared(tmp_path: Path) -> None:
    sound = rpm_root(delivered("tool", b"tool"), delivered("other", b"other"))
    (tmp_path / "a").mkdir()
    assert decided(tmp_path / "a", layers=sound)[0] is Result.PASS
    (tmp_path / "b").mkdir()
    assert decided(tmp_path / "b", layers=rpm_root(delivered("tool", b"x")))[0] is Result.FAIL


@pytest.mark.parametrize(
    "second",
    [
        b"damaged",
        delivered("other", b"", filedigests=[""]),
        delivered("other", b"other", filedigestalgo=[99]),
        delivered("other", b"other", fileflags=[]),
    ],
)
def test_an_rpm_header_without_usable_digests_leaves_the_check_open(
    tmp_path: Path, second: bytes
) -> None:
    result, reason = decided(tmp_path, layers=rpm_root(delivered("tool", b"tool"), second))
    assert result is Result.NOT_EVALUABLE
    assert "/usr/bin/other" in reason or "rpmdb.sqlite" in reason


@pytest.mark.parametrize("checksum", ["Q1é", "Q1?", "Q1"])
def test_an_apk_record_that_is_no_base64_is_none(tmp_path: Path, checksum: str) -> None:
    listed = f"P:x\nF:opt\nR:x\nZ:{checksum}\n"
    more = (file("opt/x", "x"), file("lib/apk/db/installed", listed))
    with subject(tmp_path, *more) as image:
        assert "/opt/x" not in {each.path for each in recorded_digests(image)}


def test_a_file_is_hashed_once_however_often_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(who: Subject, each: FileDigest) -> str:
        hashed.append(each.path)
        return digest_of(who, each)

    monkeypatch.setattr(unchanged, "digest_of", counted)
    assert decided(tmp_path, file(SUMS, SOUND_SUMS * 400)) == (
        Result.PASS,
        "all 3 files are as their packages delivered them",
    )
    assert sorted(hashed) == sorted(f"/{name}" for name in DELIVERED)


def test_more_bytes_than_allowed_leave_the_check_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "_BYTES", len(SERVICE) + 1)
    assert decided(tmp_path)[0] is Result.NOT_EVALUABLE


def test_many_changed_files_are_counted_and_the_first_kept(tmp_path: Path) -> None:
    names = [f"usr/share/x{number}" for number in range(80)]
    with subject(
        tmp_path,
        *(file(name, name) for name in names),
        file(SUMS, "".join(f"{'0' * 32}  {name}\n" for name in names)),
    ) as image:
        decision = CHECK.decide(image)
    assert (decision.found, len(decision.evidence)) == (80, 50)
