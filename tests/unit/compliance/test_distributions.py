"""Images of other kinds: Alpine, rpm, distroless, empty, without /etc, hostile, very many files."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from careen.compliance.registry import CHECKS
from careen.errors import BudgetError
from careen.model.compliance.result import Result
from tests.support.compliance import HISTORY, PASSWD, assessment, program, release, results, subject
from tests.support.images import file, layer, symlink

BUSYBOX = program()


def q1(data: bytes) -> str:
    return "Q1" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def alpine(*more: object, content: bytes = BUSYBOX) -> list[bytes]:
    database = (
        "C:Q1x\nP:busybox\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\n"
        f"F:bin\nR:busybox\na:0:0:755\nZ:{q1(BUSYBOX)}\n\n"
    )
    members = (
        file("etc/os-release", 'ID=alpine\nVERSION_ID="3.20.3"\n'),
        file("etc/passwd", PASSWD),
        file("etc/group", "root:x:0:\napp:x:10001:\n"),
        file("etc/apk/repositories", "https://example.com/alpine/v3.20/main\n"),
        file("etc/apk/keys/example.rsa.pub", "key"),
        file("lib/apk/db/installed", database),
        file("bin/busybox", content, mode=0o755),
        symlink("bin/sh", "/bin/busybox"),
    )
    return [layer(*members)]


def test_an_alpine_image_is_judged_by_apks_own_records(tmp_path: Path) -> None:
    with subject(tmp_path, layers=alpine(), history=HISTORY) as image:
        found = results(image)
    said = {name: each.result for name, each in found.items()}
    assert said["package-files-unchanged"] is Result.PASS
    assert said["apk-has-keys"] is Result.PASS
    assert said["apt-sources-signed-by"] is Result.NOT_APPLICABLE
    assert said["rpm-verifies-signatures"] is Result.NOT_APPLICABLE
    assert said["no-shells"] is Result.FAIL
    assert said["release-supported"] is Result.FAIL  # 3.20 ended on 2026-04-01
    assert said["programs-have-packages"] is Result.PASS


def test_a_changed_file_of_apk_is_found(tmp_path: Path) -> None:
    with subject(tmp_path, layers=alpine(content=program(kind=2))) as image:
        assert results(image)["package-files-unchanged"].result is Result.FAIL


def test_links_of_apk_are_compared_by_where_they_lead_to(tmp_path: Path) -> None:
    database = (
        "C:Q1x\nP:lib\nV:1-r0\nA:x86_64\nL:MIT\nF:usr/lib\n"
        f"R:liba.so.1\nZ:{q1(b'liba.so.1.2')}\nR:liba.so.1.2\nZ:{q1(BUSYBOX)}\n"
        f"F:etc\nR:hosts\nZ:{q1(b'as delivered')}\nF:etc/init.d\nR:a\nZ:{q1(b'a')}\n\n"
    )
    for number, (service, to, result) in enumerate(
        (
            (b"a", "liba.so.1.2", Result.PASS),
            (b"b", "liba.so.1.2", Result.FAIL),
            (b"a", "/tmp/evil.so", Result.FAIL),
        )
    ):
        members = (
            file("etc/os-release", 'ID=alpine\nVERSION_ID="3.23.6"\n'),
            file("lib/apk/db/installed", database),
            file("usr/lib/liba.so.1.2", BUSYBOX),
            symlink("usr/lib/liba.so.1", to),
            file("etc/hosts", "changed"),  # the administrator's
            file("etc/init.d/a", service),
        )
        with subject(tmp_path / str(number), layers=[layer(*members)]) as image:
            assert results(image)["package-files-unchanged"].result is result


def test_a_distroless_image_has_packages_and_no_shell(tmp_path: Path) -> None:
    record = (
        "Package: libc6\nVersion: 2.41-12\nArchitecture: amd64\nMaintainer: x <x@example.com>\n"
    )
    members = (
        file("etc/os-release", release("12")),
        file("etc/passwd", PASSWD),
        file("etc/group", "root:x:0:\napp:x:10001:\n"),
        file("var/lib/dpkg/status.d/libc6", record),
        file("var/lib/dpkg/status.d/libc6.md5sums", ""),
        file("app/server", program(), mode=0o755),
    )
    with subject(tmp_path, layers=[layer(*members)], history=HISTORY) as image:
        found = results(image)
    said = {name: each.result for name, each in found.items()}
    assert said["no-shells"] is Result.PASS
    assert said["no-ssh-server"] is Result.PASS
    assert said["package-files-unchanged"] is Result.NOT_EVALUABLE
    assert said["no-empty-passwords"] is Result.PASS  # without /etc/shadow
    assert said["programs-have-packages"] is Result.FAIL


def test_an_image_of_rpm_packages_is_judged_by_its_own_sources(tmp_path: Path) -> None:
    members = (
        file("etc/os-release", release("9.4", "rhel")),
        file("etc/passwd", PASSWD),
        file("etc/yum.repos.d/base.repo", "[base]\nname=base\ngpgcheck=1\n"),
    )
    with subject(tmp_path, layers=[layer(*members)]) as image:
        said = {name: each.result for name, each in results(image).items()}
    assert said["rpm-verifies-signatures"] is Result.PASS
    assert said["release-supported"] is Result.PASS
    assert said["apt-verifies-signatures"] is Result.NOT_APPLICABLE
    assert said["apk-has-keys"] is Result.NOT_APPLICABLE
    assert said["package-files-unchanged"] is Result.NOT_EVALUABLE


@pytest.mark.parametrize(
    ("folder", "check"),
    [("apt/sources.list.d", "apt-sources-signed-by"), ("yum.repos.d", "rpm-verifies-signatures")],
)
def test_more_repositories_than_are_read_leave_the_check_open(
    tmp_path: Path, folder: str, check: str
) -> None:
    text = f"# {'x' * 100}\n" * 10_000
    many = [file(f"etc/{folder}/{number}.list", text[:1000_000]) for number in range(20)]
    with subject(tmp_path, *many) as image:
        found = results(image)[check]
    assert found.result is Result.NOT_EVALUABLE
    assert "more than 1000 files or 16777216 bytes" in found.reason


def test_an_empty_image_passes_nothing_that_reads_files(tmp_path: Path) -> None:
    with subject(tmp_path, layers=[layer()]) as image:
        found = results(image)
    passed = {name for name, each in found.items() if each.result is Result.PASS}
    assert {CHECKS[name].reads.partition(":")[0] for name in passed} <= {"configuration"}
    assert found["no-setid-files"].reason == "the image has no files"


def test_an_image_without_etc_has_no_account_that_passes(tmp_path: Path) -> None:
    with subject(tmp_path, layers=[layer(file("app/server", program(), mode=0o755))]) as image:
        found = results(image)
    for name in ("no-empty-passwords", "only-root-has-uid-0", "unique-gids", "files-have-owners"):
        assert found[name].result is Result.NOT_EVALUABLE
    assert found["release-supported"].result is Result.NOT_EVALUABLE
    assert found["no-setid-files"].result is Result.PASS


def test_a_file_that_breaks_a_limit_leaves_its_checks_open(tmp_path: Path) -> None:
    huge = file("etc/passwd", b"x" * (5 << 20))
    with subject(tmp_path, huge) as image:
        found = results(image)
    assert found["no-empty-passwords"].result is Result.NOT_EVALUABLE
    assert "cannot be read: /etc/passwd" in found["no-empty-passwords"].reason
    assert found["no-setid-files"].result is Result.PASS


def test_hostile_names_are_text_of_the_result(tmp_path: Path) -> None:
    name = "app/\x1b[31m=cmd'\"<script>\n|"
    with subject(tmp_path, file(name, b"x", mode=0o4755)) as image:
        found = results(image)["no-setid-files"]
    assert found.evidence[0].where == f"/{name}"
    json.dumps(found.evidence[0].where)


def test_evidence_is_bounded_and_counted(tmp_path: Path) -> None:
    many = [file(f"app/{number:05}", b"x", mode=0o4644) for number in range(3000)]
    with subject(tmp_path, *many) as image:
        found = assessment(image).check("no-setid-files")
    assert (len(found.evidence), found.found) == (50, 3000)


def test_a_budget_that_is_spent_ends_the_assessment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subject(tmp_path) as image:
        monkeypatch.setattr(image.rootfs.budget, "check", _spent)
        with pytest.raises(BudgetError):
            results(image)


def _spent(*_: object) -> None:
    msg = "no time is left"
    raise BudgetError(msg)


@pytest.mark.parametrize(
    ("repository", "main", "result"),
    [
        ("[a]\nname=a\ngpgcheck=1\n", "", Result.PASS),
        ("[a]\nname=a\n", "", Result.FAIL),  # dnf checks nothing by default
        ("[a]\nname=a\n", "[main]\ngpgcheck=1\n", Result.PASS),
        ("[a]\ngpgcheck=0\n", "[main]\ngpgcheck=1\n", Result.FAIL),
        ("[a]\ngpgcheck=0\nenabled=0\n", "", Result.NOT_APPLICABLE),
        ("[a]\ngpgcheck=1\n[b]\ngpgcheck=no\n", "", Result.FAIL),
    ],
)
def test_signatures_of_rpm_packages_are_checked_only_if_told_to(
    repository: str, main: str, result: Result, tmp_path: Path
) -> None:
    more = [file("etc/yum.repos.d/x.repo", repository), file("etc/dnf/dnf.conf", main)]
    with subject(tmp_path, *more) as image:
        assert results(image)["rpm-verifies-signatures"].result is result


def test_what_is_not_there_is_no_pass(tmp_path: Path) -> None:
    members = (file("etc/passwd", ""), file("etc/group", ""), file("data/model.bin", b"x"))
    with subject(tmp_path, layers=[layer(*members)], history=()) as image:
        found = {name: each.result for name, each in results(image).items()}
    for name in (
        *("no-empty-passwords", "unique-uids", "groups-exist", "only-root-has-uid-0"),
        *("one-version-of-each-package", "package-files-unchanged", "no-code-on-stack"),
        *("history-no-add", "history-verifies-downloads", "listeners-stated"),
    ):
        assert found[name] is Result.NOT_EVALUABLE, name
    for name in ("hidden-files-protected", "programs-have-packages"):
        assert found[name] in (Result.NOT_APPLICABLE, Result.NOT_EVALUABLE), name


def test_a_history_that_lacks_a_layer_shows_nothing(tmp_path: Path) -> None:
    layers = [layer(file("a", b"x")), layer(file("b", b"x"))]
    history = [*HISTORY, {"comment": "imported"}]
    with subject(tmp_path, layers=layers, history=history) as image:
        found = results(image)["history-no-add"]
    assert found.result is Result.NOT_EVALUABLE
    assert found.reason == "the history does not name the command of each layer"


def test_the_root_of_an_imported_base_has_no_command(tmp_path: Path) -> None:
    layers = [layer(file("a", b"x")), layer(file("b", b"x"))]
    history = [{"comment": "Imported from -"}, *HISTORY]
    with subject(tmp_path, layers=layers, history=history) as image:
        assert results(image)["history-no-add"].result is Result.PASS


def test_an_account_without_its_last_fields_counts(tmp_path: Path) -> None:
    short = file("etc/passwd", PASSWD + "evil::0:0\n")
    with subject(tmp_path, short) as image:
        found = {name: each.result for name, each in results(image).items()}
    assert found["no-empty-passwords"] is Result.FAIL
    assert found["only-root-has-uid-0"] is Result.FAIL
    assert found["account-files-valid"] is Result.FAIL


@pytest.mark.parametrize(
    ("user", "result"), [("0000000000000", Result.FAIL), ("00000000000005", Result.PASS)]
)
def test_a_user_of_many_digits_is_read_whole(user: str, result: Result, tmp_path: Path) -> None:
    with subject(tmp_path, config={"User": user}) as image:
        assert results(image)["user-not-root"].result is result
