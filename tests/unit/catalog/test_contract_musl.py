"""The contract of images with musl: what they do not have, and an account that a script adds."""

from careen.catalog.contract.accounts import accounts
from careen.catalog.contract.data import locale
from careen.catalog.contract.probes import places
from careen.catalog.contract.programs import loader
from careen.catalog.contract.sides import Pair, Side
from careen.inventory.scan import scan
from careen.model.catalog.contract import Contract, Kept
from careen.model.catalog.entry import Variant
from careen.model.image import ImageConfig
from tests.support.trees import tree
from tests.support.versioned_elf import library

MUSL = library("libc.musl-x86_64.so.1", ())
PASSWD = "root:x:0:0:root:/root:/bin/sh\n"
KLOGD = "klogd:x:101:102:klogd:/dev/null:/sbin/nologin\n"


def side(musl: bytes | None, passwd: str) -> Side:
    name = "/lib/ld-musl-x86_64.so.1" if musl else "/lib/ld-linux-x86-64.so.2"
    root = tree({name: musl or MUSL, "/etc/passwd": passwd, "/etc/group": "root:x:0:\n"})
    return Side(root, scan(root), ImageConfig({}))


def pair(musl: bytes | None, added: str = "") -> Pair:
    return Pair(side(musl, PASSWD), side(musl, PASSWD + added), Variant.COMPAT)


def test_musl_has_neither_symbol_versions_nor_locales() -> None:
    rows = (*loader(pair(MUSL)), *locale(pair(MUSL)))
    kept = {row.item: row for row in rows}
    assert kept["ld.so"].kept is Kept.SAME
    for item in ("symbol versions", "locale"):
        assert kept[item].kept is Kept.NOT_APPLICABLE
        assert "musl" in kept[item].reason
    assert Contract("a", "b", "compat", rows).broken == 0
    others = (*loader(pair(None)), *locale(pair(None)))
    assert Kept.NOT_APPLICABLE not in {row.kept for row in others}


def test_an_account_of_alpines_scripts_is_excused_on_musl_alone() -> None:
    rows = [each for each in accounts(pair(MUSL, KLOGD)) if each.kept is not Kept.SAME]
    assert [(each.kept, each.ours) for each in rows] == [
        (Kept.DIFFERS, "klogd:101:102:/dev/null"),
    ]
    for found in (pair(MUSL, KLOGD.replace("klogd:x", "other:x")), pair(None, KLOGD)):
        assert Kept.BROKEN in {each.kept for each in accounts(found)}


def test_a_program_of_upstream_may_lie_outside_usr() -> None:
    assert places("/usr/bin/sleep") == ("/usr/bin/sleep", "/bin/sleep")
    assert places("/bin/sh") == ("/bin/sh", "/bin/sh")
