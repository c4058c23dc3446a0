"""Who the image runs as, and what that user can change: numbers, groups, directories."""

from pathlib import Path

import pytest

from careen.compliance.accounts import number
from careen.model.compliance.result import Result
from tests.support.compliance import GROUP, PASSWD, SERVICE, results, subject
from tests.support.images import Item, directory, file

FAIL, OPEN, PASS = Result.FAIL, Result.NOT_EVALUABLE, Result.PASS
ROOTS = ("only-root-has-uid-0", "unique-uids")


def passwd(line: str) -> Item:
    return file("etc/passwd", f"{PASSWD}{line}\n")


def said(folder: Path, *members: Item, user: str = "10001:10001") -> dict[str, Result]:
    with subject(folder, *members, config={"User": user}) as image:
        return {name: each.result for name, each in results(image).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        (" 0", 0),
        ("0" * 30, 0),
        ("+0010001", 10001),
        ("abc", None),
        ("", None),
        ("+", None),
        ("-1", None),
        ("0x0", None),
        ("1" * 11, None),
        ("²", None),
    ],
)
def test_a_number_is_read_as_the_c_library_reads_it(text: str, expected: int | None) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("uid", ["+0", "00000000000", "-0"])
def test_an_account_with_uid_0_in_other_digits_is_root(tmp_path: Path, uid: str) -> None:
    found = said(tmp_path, passwd(f"toor:x:{uid}:0::/root:/bin/sh"), user="toor")
    assert [found[each] for each in ("user-not-root", *ROOTS)] == [FAIL] * 3


@pytest.mark.parametrize("uid", ["abc", "", "-5", "4" * 11])
def test_an_account_whose_uid_is_no_number_passes_nothing(tmp_path: Path, uid: str) -> None:
    found = said(tmp_path, passwd(f"toor:x:{uid}:10001::/root:/bin/sh"), user="toor")
    names = ("user-not-root", *ROOTS, "only-root-has-gid-0", "programs-not-writable-by-user")
    assert {found[each] for each in names} == {OPEN}


def test_a_group_whose_gid_is_no_number_passes_nothing(tmp_path: Path) -> None:
    found = said(tmp_path, file("etc/group", GROUP + "wheel:x:abc:\n"))
    assert found["only-root-group-has-gid-0"] is OPEN
    assert found["unique-gids"] is OPEN
    assert found["unique-group-names"] is PASS


@pytest.mark.parametrize(("user", "expected"), [("+0", FAIL), ("000000000000001000", PASS)])
def test_a_user_in_other_digits(tmp_path: Path, user: str, expected: Result) -> None:
    assert said(tmp_path, user=user)["user-not-root"] is expected


@pytest.mark.parametrize(("uid", "expected"), [("0", FAIL), ("5", OPEN), ("1000", PASS)])
def test_an_account_that_is_named_like_a_number(tmp_path: Path, uid: str, expected: Result) -> None:
    line = passwd(f"1000:x:{uid}:10001::/app:/bin/false")
    assert said(tmp_path, line, user="1000")["user-not-root"] is expected


def test_a_short_line_that_the_c_library_accepts_is_an_account(tmp_path: Path) -> None:
    shell = file("bin/sh", b"#!", mode=0o755)
    found = said(tmp_path, passwd("toor::0:0"), shell)
    names = ("no-empty-passwords", "only-root-has-uid-0", "no-passwords", "account-files-valid")
    assert {found[each] for each in (*names, "system-accounts-no-shell")} == {FAIL}


def test_a_root_without_a_password_can_log_in(tmp_path: Path) -> None:
    found = said(tmp_path, file("etc/shadow", "root::20000:0:99999:7:::\n", mode=0o640, gid=42))
    assert found["no-passwords"] is FAIL


ME = passwd("me:x:1000:1000::/app:/bin/false")
RUN = "opt/run"


@pytest.mark.parametrize(
    ("user", "groups", "members"),
    [
        ("1000", "", (file(RUN, SERVICE, mode=0o775, gid=1000),)),
        ("me", "", (file(RUN, SERVICE, mode=0o775, gid=1000),)),
        ("me", "tools:x:77:other,me\n", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("1000", "tools:x:77:me\n", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("1000:77", "", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("me:tools", "tools:x:77:\n", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("1000", "", (directory("opt", uid=1000), file(RUN, SERVICE, mode=0o755))),
        ("1000", "", (directory("opt", gid=1000, mode=0o775), file(RUN, SERVICE, mode=0o755))),
        ("1000", "", (directory("opt", uid=1000), file("opt/a/b/run", SERVICE, mode=0o755))),
    ],
)
def test_a_program_that_its_user_can_write_or_replace(
    tmp_path: Path, user: str, groups: str, members: tuple[Item, ...]
) -> None:
    group = file("etc/group", f"{GROUP}me:x:1000:\n{groups}")
    assert said(tmp_path, ME, group, *members, user=user)["programs-not-writable-by-user"] is FAIL


@pytest.mark.parametrize(
    ("user", "members"),
    [
        ("1000", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("1000:1000", (file(RUN, SERVICE, mode=0o775, gid=77),)),
        ("1000", (directory("opt", mode=0o1777), file(RUN, SERVICE, mode=0o755))),
        ("1000", (directory("opt", gid=1000), file(RUN, SERVICE, mode=0o755))),
    ],
)
def test_a_program_that_its_user_cannot_change(
    tmp_path: Path, user: str, members: tuple[Item, ...]
) -> None:
    assert said(tmp_path, ME, *members, user=user)["programs-not-writable-by-user"] is PASS


@pytest.mark.parametrize(
    ("user", "gid", "expected"),
    [
        ("1001:0", 0, FAIL),
        ("1001", 0, FAIL),
        ("0", 0, PASS),
        ("10001:10001", 0, PASS),
        ("10001:50", 50, FAIL),
        ("nobody-knows", 0, OPEN),
    ],
)
def test_a_directory_of_programs_that_a_group_of_the_user_can_write(
    tmp_path: Path, user: str, gid: int, expected: Result
) -> None:
    found = said(tmp_path, directory("usr/bin", mode=0o775, gid=gid), user=user)
    assert found["path-safe"] is expected
    below = said(tmp_path / "2", directory("usr/bin/x", mode=0o775, gid=gid), user=user)
    assert below["programs-owned-by-root"] is expected
