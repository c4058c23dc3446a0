"""A variant excuses what it leaves out, and nothing that ours has more or that nobody compared."""

from typing import Any

import pytest

from careen.catalog.contract.accounts import accounts
from careen.catalog.contract.data import certificates, locale, time_zones
from careen.catalog.contract.files import permissions
from careen.catalog.contract.programs import database, loader
from careen.catalog.contract.settings import process
from careen.catalog.contract.shells import shell
from careen.catalog.contract.sides import Pair
from careen.model.catalog.contract import ContractRow, Kept
from careen.model.catalog.entry import User, Variant
from tests.support.trees import Exec, Link, SetId
from tests.support.versioned_elf import library
from tests.unit.catalog.test_contract import FILES, PASSWD, PEM, Files, of, side, without

RUNTIME = Variant.RUNTIME
NONROOT = User("nonroot", 65532, "/home/nonroot")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
WORDS: dict[str, Any] = {"User": "65532"}


def pair(ours: Files, theirs: Files = FILES, variant: Variant = RUNTIME, **config: Any) -> Pair:
    return Pair(side(theirs, Cmd=["sh"]), side(ours, **config), variant, (NONROOT,))


def broken(rows: Any) -> list[ContractRow]:
    return of(rows, Kept.BROKEN)


def test_a_runtime_with_a_setuid_file_is_broken() -> None:
    (row,) = broken(permissions(pair({**FILES, "/usr/bin/evil": SetId(b"x")})))
    assert "/usr/bin/evil" in row.ours
    assert broken(permissions(pair(FILES)))
    assert not broken(permissions(pair(without("/usr/bin/su"))))


@pytest.mark.parametrize(
    "line",
    [
        *("toor:x:0:0::/root:/bin/sh", "nonroot:x:0:65532::/home/nonroot:/usr/sbin/nologin"),
        "nonroot:x:65532:65532::/home/nonroot:/bin/sh",
    ],
)
def test_an_account_that_the_catalog_does_not_name_is_broken(line: str) -> None:
    (row,) = broken(accounts(pair({**FILES, "/etc/passwd": f"{PASSWD}{line}\n"})))
    assert row.what == "added, and not by the catalog"


def test_the_account_of_the_catalog_differs_but_not_in_compat() -> None:
    line = "nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin\n"
    ours = {**FILES, "/etc/passwd": PASSWD + line, "/etc/group": "root:x:0:\nnonroot:x:65532:\n"}
    rows = list(accounts(pair(ours)))
    assert [row.ours for row in of(rows, Kept.DIFFERS)] == ["nonroot", "nonroot"]
    assert not broken(rows)
    assert len(broken(accounts(pair(ours, variant=Variant.COMPAT)))) == 2


def test_the_first_line_of_a_name_counts() -> None:
    line = "daemon:x:0:0::/:/bin/sh\n"
    row, _shells = broken(accounts(pair({**FILES, "/etc/passwd": line + PASSWD})))
    assert row.ours == "daemon:0:0:/"


@pytest.mark.parametrize("user", ["", "0", "00:5", "root", "toor", "nobody-knows"])
def test_a_runtime_that_runs_as_root_is_broken(user: str) -> None:
    ours = {**FILES, "/etc/passwd": PASSWD + "toor:x:0:0::/:/bin/sh\n"}
    assert [row.what for row in broken(process(pair(ours, User=user)))] == ["of a runtime"]


def test_a_runtime_with_a_shell_or_a_package_manager_is_broken() -> None:
    assert {row.what for row in broken(shell(pair(FILES)))} >= {"/bin/sh", "/usr/bin/apt-get"}
    bare = without("/usr/bin/sh", "/usr/bin/dash", "/usr/bin/apt-get", "/usr/bin/su")
    assert not broken(shell(pair(bare)))
    added = {**bare, "/usr/bin/busybox": Exec(b"x"), "/usr/bin/dnf": Exec(b"x")}
    assert {row.what for row in broken(shell(pair(added)))} == {"/usr/bin/busybox", "/usr/bin/dnf"}


@pytest.mark.parametrize(
    "path",
    [
        *("/usr/bin/tcsh", "/usr/local/bin/bash", "/sbin/ash", "/opt/own/sh", "/usr/bin/rpm"),
        *("/usr/bin/yum", "/usr/bin/dnf5", "/usr/local/sbin/apk", "/usr/bin/apt"),
    ],
)
def test_a_shell_or_manager_in_any_place_is_broken(path: str) -> None:
    bare = without("/usr/bin/sh", "/usr/bin/dash", "/usr/bin/apt-get", "/usr/bin/su")
    (row,) = broken(shell(pair({**bare, path: Exec(b"x")})))
    assert (row.what, row.ours) == (path, path)
    assert not broken(shell(pair({**bare, path: b"no program", "/etc/apt/bash": None})))


def test_a_shell_without_a_merged_usr_is_broken() -> None:
    files = {"/bin/busybox": Exec(b"x"), "/bin/sh": Link("busybox"), "/bin/bash": Exec(b"x")}
    rows = broken(shell(pair(files)))
    assert [(row.what, row.ours) for row in rows] == [
        ("/bin/sh", "/bin/busybox"),
        ("/bin/bash", "/bin/bash"),
    ]


@pytest.mark.parametrize("word", ["zsh", "/bin/ash", "/usr/local/bin/fish"])
def test_a_runtime_need_not_start_the_shell_of_upstream(word: str) -> None:
    found = Pair(side(FILES, Cmd=[word]), side(FILES, **WORDS), RUNTIME)
    assert not broken(process(found))


def test_words_health_checks_and_other_commands_count() -> None:
    assert [row.what for row in broken(process(pair(FILES, Cmd=["evil"], **WORDS)))] == ["CMD"]
    health = {"Test": ["CMD", "/usr/bin/x"]}
    (row,) = broken(process(pair(FILES, Healthcheck=health, **WORDS)))
    assert row.what == "HEALTHCHECK"
    one, two = side(FILES, Entrypoint=["a b"]), side(FILES, Entrypoint=["a", "b"], **WORDS)
    assert [row.what for row in broken(process(Pair(one, two, RUNTIME)))] == ["ENTRYPOINT"]


def test_bytes_that_are_no_text_are_compared() -> None:
    zone = "/usr/share/zoneinfo/UTC"
    rows = time_zones(pair({**FILES, zone: b"\x80\x81"}, {**FILES, zone: b"\x90\x91"}))
    assert broken(rows)
    assert broken(locale(pair({**FILES, "/usr/lib/locale/C.utf8/LC_CTYPE": "y"})))


def test_what_neither_image_has_is_unknown() -> None:
    gone = (CERTIFICATES, "/usr/share/zoneinfo/UTC", "/usr/lib/locale/C.utf8/LC_CTYPE")
    bare = without(*gone)
    for item in (certificates, time_zones, locale, loader):
        assert {row.kept for row in item(pair(bare, bare))} == {Kept.UNKNOWN}


def test_links_do_not_count_as_compared() -> None:
    (row, _) = permissions(pair({"/a": Link("b")}, {"/a": Link("b")}))
    assert row.what == "1 paths of both"  # the top directory


def test_an_added_authority_is_told() -> None:
    rows = list(certificates(pair({**FILES, CERTIFICATES: FILES[CERTIFICATES] + PEM.format("x")})))
    assert [row.what for row in of(rows, Kept.DIFFERS)] == ["added"]
    assert [row.kept for row in certificates(pair(FILES))] == [Kept.SAME]


@pytest.mark.parametrize(
    "bundle",
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"],
)
def test_authorities_of_red_hat_are_compared_where_they_are(bundle: str) -> None:
    bare = without(CERTIFICATES)
    theirs = {**bare, bundle: PEM.format("one") + PEM.format("two")}
    assert [row.kept for row in certificates(pair(theirs, theirs))] == [Kept.SAME]
    (row,) = broken(certificates(pair({**bare, bundle: PEM.format("one")}, theirs)))
    assert (row.what, row.upstream, row.ours) == (bundle, "2 authorities", "1 authorities")
    assert broken(certificates(pair(bare, theirs)))
    assert [row.kept for row in certificates(pair(theirs, bare))] == [Kept.DIFFERS]


def test_a_library_that_cannot_be_read_is_broken_and_none_in_common_unknown() -> None:
    path = "/usr/lib/libx.so.1"
    theirs = {**FILES, path: library("libx.so.1", ("X_1",))}
    for data in (b"no ELF", b"\x7fELF"):
        (row,) = broken(loader(pair({**FILES, path: data}, theirs)))
        assert row.what == "libx.so.1"
    rows = list(loader(pair(FILES, theirs)))
    assert [row.item for row in of(rows, Kept.UNKNOWN)] == ["symbol versions"]


def test_a_program_of_no_package_is_told() -> None:
    (row,) = broken(database(pair({**FILES, "/usr/bin/evil": Exec(b"x")})))
    assert row.ours == "/usr/bin/evil"
    assert not broken(database(pair(FILES)))


def test_a_package_database_that_neither_image_has_is_unknown() -> None:
    bare = {path: data for path, data in FILES.items() if "/dpkg/" not in path}
    rows = list(database(Pair(side(bare), side(bare), Variant.COMPAT)))
    assert [row.kept for row in rows if "package database" in row.what] == [Kept.UNKNOWN]
    ours = list(database(Pair(side(FILES), side(bare), Variant.COMPAT)))
    assert [row.kept for row in ours if "package database" in row.what] == [Kept.BROKEN]
