"""The drop-in contract: each item holds, differs for a reason, or is broken."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from careen.catalog.contract.accounts import accounts, names
from careen.catalog.contract.compare import compare
from careen.catalog.contract.data import certificates, locale, name_services, time_zones
from careen.catalog.contract.files import paths, permissions
from careen.catalog.contract.probes import PROBES, Answered, judged
from careen.catalog.contract.programs import database, loader
from careen.catalog.contract.settings import environment, process
from careen.catalog.contract.shells import shell
from careen.catalog.contract.sides import Pair, Side
from careen.inventory.scan import scan
from careen.model.catalog.contract import Contract, ContractRow, Kept
from careen.model.catalog.entry import Variant
from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, SetId, tree
from tests.support.versioned_elf import library

Files = Mapping[str, Any]
PASSWD = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/usr/sbin/nologin\n"
PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
FILES: Files = {
    "/var/lib/dpkg/status": (
        "Package: dash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
    ),
    "/var/lib/dpkg/info/dash.list": "/usr/bin/dash\n",
    "/etc/passwd": PASSWD,
    "/etc/group": "root:x:0:\n",
    "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
    "/etc/nsswitch.conf": "# a comment\nhosts: files dns\n",
    "/etc/ssl/certs/ca-certificates.crt": PEM.format("one") + PEM.format("two"),
    "/usr/share/zoneinfo/UTC": "utc",
    "/usr/lib/locale/C.utf8/LC_CTYPE": "x",
    "/usr/bin/dash": Exec(b"dash"),
    "/usr/bin/apt-get": Exec(b"apt"),
    "/usr/bin/su": SetId(b"su"),
    "/bin": Link("usr/bin"),
    "/usr/bin/sh": Link("dash"),
    "/tmp": None,
}


def side(files: Files, **config: Any) -> Side:
    root = tree(files)
    return Side(root, scan(root), ImageConfig({"config": config}))


def pair(ours: Files, variant: Variant = Variant.COMPAT, **config: Any) -> Pair:
    return Pair(side(FILES, Env=["PATH=/bin"], Cmd=["sh"]), side(ours, **config), variant)


def without(*gone: str, **more: Any) -> Files:
    return {path: data for path, data in FILES.items() if path not in gone} | more


def of(rows: Any, kept: Kept) -> list[ContractRow]:
    return [row for row in rows if row.kept is kept]


def test_an_image_keeps_the_contract_with_itself() -> None:
    same = pair(FILES, Env=["PATH=/bin"], Cmd=["sh"])
    rows = compare(same)
    assert not of(rows, Kept.BROKEN)
    assert not of(rows, Kept.DIFFERS)
    assert Contract("a", "b", "compat", rows).broken == 0


def test_an_account_with_another_number_is_broken() -> None:
    changed = {**FILES, "/etc/passwd": PASSWD.replace("daemon:x:1:1", "daemon:x:2:2")}
    (row,) = of(accounts(pair(changed)), Kept.BROKEN)
    assert (row.item, row.upstream, row.ours) == ("users", "daemon:1:1:/", "daemon:2:2:/")


def test_a_missing_account_is_broken_and_an_added_one_too() -> None:
    text = PASSWD.splitlines(keepends=True)[0] + "nonroot:x:65532:65532::/home/nonroot:/x\n"
    rows = list(accounts(pair({**FILES, "/etc/passwd": text})))
    assert [row.ours for row in of(rows, Kept.BROKEN)] == [
        "no daemon",
        "nonroot:65532:65532:/home/nonroot",
    ]


def test_accounts_of_an_image_without_the_file_are_none() -> None:
    assert names(tree({"/x": "x"}), "/etc/passwd") == {}
    assert names(tree(FILES), "/etc/passwd") == {"root": "0", "daemon": "1"}


def test_a_directory_that_is_gone_and_a_link_elsewhere_are_broken() -> None:
    ours = {**without("/tmp"), "/bin": Link("usr/local/bin")}
    assert {row.what for row in of(paths(pair(ours)), Kept.BROKEN)} == {"/tmp", "/bin"}


def test_another_mode_is_broken_and_setuid_files_may_go_in_runtime() -> None:
    ours = {**FILES, "/usr/bin/dash": b"not executable"}
    assert [row.what for row in of(permissions(pair(ours)), Kept.BROKEN)] == ["/usr/bin/dash"]
    gone = without("/usr/bin/su")
    assert of(permissions(pair(gone)), Kept.BROKEN)
    assert not of(permissions(pair(gone, Variant.RUNTIME)), Kept.BROKEN)


SITE = "/usr/lib/python3/dist-packages"


def tool(version: str, module: Any) -> Files:
    return {
        **FILES,
        f"{SITE}/tool.py": module,
        f"{SITE}/tool-{version}.dist-info/METADATA": f"Name: tool\nVersion: {version}\n",
        f"{SITE}/tool-{version}.dist-info/RECORD": "tool.py,,\n",
    }


@pytest.mark.parametrize(
    ("theirs", "ours", "kept"),
    [
        (("1", b"x"), ("2", Exec(b"x")), Kept.DIFFERS),
        (("1", b"x"), ("1", Exec(b"x")), Kept.BROKEN),  # the same version, so something else did it
        (("1", Exec(b"x")), ("2", b"x"), Kept.BROKEN),  # what could be started no longer can
        (("1", b"x"), ("2", SetId(b"x")), Kept.BROKEN),
    ],
)
def test_a_newer_version_may_ship_a_file_executable(
    theirs: tuple[str, Any], ours: tuple[str, Any], kept: Kept
) -> None:
    both = Pair(side(tool(*theirs)), side(tool(*ours)), Variant.COMPAT)
    found = {row.what: row.kept for row in permissions(both)}
    assert found[f"{SITE}/tool.py"] is kept


def test_each_variable_of_upstream_counts() -> None:
    rows = list(environment(pair(FILES, Env=["PATH=/usr/bin", "LANG=C"])))
    assert [(row.what, row.kept) for row in rows] == [
        ("PATH", Kept.BROKEN),
        ("added, and not by the catalog", Kept.BROKEN),
    ]


def test_an_added_variable_is_excused_with_the_value_that_an_entry_sets() -> None:
    added = pair(FILES, Env=["PATH=/bin", "LANG=C.UTF-8", "LD_PRELOAD=/x.so"])
    allowed = frozenset({("LANG", "C.UTF-8"), ("LD_PRELOAD", "/other.so")})
    rows = list(environment(replace(added, variables=allowed)))
    assert [(row.what, row.kept, row.ours) for row in rows[1:]] == [
        ("added", Kept.DIFFERS, "LANG=C.UTF-8"),
        ("added, and not by the catalog", Kept.BROKEN, "LD_PRELOAD=/x.so"),
    ]


def test_runtime_may_have_another_user_and_no_shell_to_start() -> None:
    theirs: dict[str, Any] = {"Env": ["PATH=/bin"], "User": "65532"}
    assert not of(process(pair(FILES, Variant.RUNTIME, **theirs)), Kept.BROKEN)
    assert {row.what for row in of(process(pair(FILES, **theirs)), Kept.BROKEN)} == {
        *("of the image", "CMD")
    }


def test_certificates_of_upstream_must_all_be_there() -> None:
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    more = {**FILES, bundle: FILES[bundle] + PEM.format("three")}
    assert not of(certificates(pair(more)), Kept.BROKEN)
    assert of(certificates(pair({**FILES, bundle: PEM.format("one")})), Kept.BROKEN)
    assert of(certificates(pair(without(bundle))), Kept.BROKEN)


def test_time_zones_locales_and_name_services() -> None:
    assert of(time_zones(pair({**FILES, "/usr/share/zoneinfo/UTC": "other"})), Kept.BROKEN)
    assert of(locale(pair(without("/usr/lib/locale/C.utf8/LC_CTYPE"))), Kept.BROKEN)
    comment = {**FILES, "/etc/nsswitch.conf": "hosts:   files dns # said otherwise\n"}
    assert not of(name_services(pair(comment)), Kept.BROKEN)
    files = {**FILES, "/etc/nsswitch.conf": "hosts: dns\n"}
    assert of(name_services(pair(files)), Kept.BROKEN)
    assert {row.what for row in of(name_services(pair(FILES)), Kept.UNKNOWN)} >= {"/etc/services"}


def test_shell_and_package_manager_may_go_in_runtime_alone() -> None:
    ours = without("/usr/bin/sh", "/usr/bin/dash", "/usr/bin/apt-get")
    assert len(of(shell(pair(ours)), Kept.BROKEN)) == 2
    rows = list(shell(pair(ours, Variant.RUNTIME)))
    assert [row.kept for row in rows] == [Kept.DIFFERS, Kept.DIFFERS]


def test_another_distribution_is_broken() -> None:
    ours = {**FILES, "/etc/os-release": 'ID=debian\nVERSION_ID="12"\n'}
    broken = {row.what for row in of(database(pair(ours)), Kept.BROKEN)}
    assert {"distribution", "os-release VERSION_ID", "os-release VERSION_CODENAME"} <= broken


def with_library(root: Files, versions: tuple[str, ...]) -> Files:
    return {**root, "/usr/lib/libx.so.1": library("libx.so.1", versions)}


def test_a_symbol_version_that_is_gone_is_broken_and_a_newer_one_is_not() -> None:
    upstream = side(with_library(FILES, ("X_1.0", "X_1.1")))
    older, newer = (side(with_library(FILES, x)) for x in (("X_1.0",), ("X_1.0", "X_1.1", "X_2")))
    rows = list(loader(Pair(upstream, older, Variant.RUNTIME)))
    assert [row.ours for row in of(rows, Kept.BROKEN)] == ["libx.so.1: X_1.1"]
    assert not of(loader(Pair(upstream, newer, Variant.COMPAT)), Kept.BROKEN)
    assert of(loader(Pair(upstream, side(FILES), Variant.COMPAT)), Kept.BROKEN)
    assert of(loader(Pair(upstream, side(FILES), Variant.RUNTIME)), Kept.DIFFERS)


@pytest.mark.parametrize(
    ("theirs", "ours", "kept"),
    [
        (Answered(0, "a\n"), Answered(0, "a"), Kept.SAME),
        (Answered(0, "a"), Answered(0, "b"), Kept.BROKEN),
        (Answered(0, "a"), Answered(127, "not found"), Kept.BROKEN),
        (Answered(2, ""), Answered(0, "b"), Kept.DIFFERS),
        (Answered(2, "x"), Answered(2, "x"), Kept.UNKNOWN),
        (Answered(None, ""), Answered(None, ""), Kept.UNKNOWN),
        (Answered(0, "a"), Answered(None, ""), Kept.BROKEN),
    ],
)
def test_what_a_probe_shows(theirs: Answered, ours: Answered, kept: Kept) -> None:
    assert judged(PROBES[0], theirs, ours).kept is kept


def test_a_loop_of_links_is_missing_and_no_error() -> None:
    ours = {**FILES, "/usr/bin/sh": Link("sh2"), "/usr/bin/sh2": Link("sh")}
    root: Rootfs = tree(ours)
    assert ImagePath("/usr/bin/sh") in root
    assert of(shell(pair(ours)), Kept.BROKEN)
