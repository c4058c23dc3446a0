"""Relations of Debian packages, groups of upgrades, and what they pull along."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.patch.deb.dpkg.closure import close
from careen.patch.deb.dpkg.groups import Change, group
from careen.patch.deb.dpkg.installed import DebPackage, Key, parse_paragraphs, read_installed
from careen.patch.deb.dpkg.relations import (
    PackageSet,
    Relation,
    forbids,
    meets,
    parse_relations,
    replaced,
)
from careen.patch.fips import is_fips, loses_fips
from tests.support.trees import tree


def deb(name: str, version: str, **fields: str) -> DebPackage:
    more = "".join(f"{field.replace('_', '-')}: {value}\n" for field, value in fields.items())
    return parse_paragraphs(f"Package: {name}\nVersion: {version}\nArchitecture: amd64\n{more}")[0]


HELD = "Package: a\nStatus: hold ok installed\nVersion: 1\nArchitecture: all\n"


def world(*packages: DebPackage) -> dict[Key, DebPackage]:
    return {package.key: package for package in packages}


def test_relations_are_alternatives_with_versions() -> None:
    assert parse_relations("a (>= 1),  b | c (<< 2:3)") == (
        (Relation("a", ">=", "1"),),
        (Relation("b"), Relation("c", "<<", "2:3")),
    )


@pytest.mark.parametrize(
    ("operator", "holds"), [("<<", False), ("<=", True), ("=", True), (">=", True), (">>", False)]
)
def test_an_operator_holds_for_the_same_version(operator: str, holds: bool) -> None:
    assert Relation("a", operator, "1.0").admits("1.0") is holds


def test_a_provided_name_meets_a_version_only_with_one() -> None:
    assert meets(deb("x", "1", Provides="y"), Relation("y"))
    assert not meets(deb("x", "1", Provides="y"), Relation("y", ">=", "1"))
    assert meets(deb("x", "1", Provides="y (= 2)"), Relation("y", ">=", "1"))


def test_a_package_may_conflict_with_what_it_provides() -> None:
    mail = deb("postfix", "1", Provides="mta", Conflicts="mta")
    assert forbids(mail, deb("exim", "1", Provides="mta")) == Relation("mta")
    assert forbids(mail, mail) is None
    assert PackageSet([mail]).gives((Relation("nothing"), Relation("mta")))


def test_upgrades_of_one_source_and_what_needs_what_stand_together() -> None:
    old = [
        deb("foo", "1", Depends="libfoo (>= 1)"),
        deb("libfoo", "1", Source="lib"),
        deb("libfoo-dev", "1", Source="lib"),
        deb("other", "1", Depends="libfoo"),
    ]
    new = [
        deb("foo", "2", Depends="libfoo (>= 2), extra"),
        deb("libfoo", "2", Source="lib"),
        deb("libfoo-dev", "2", Source="lib"),
        deb("other", "2"),
    ]
    changes = [Change(before, after) for before, after in zip(old, new, strict=True)] + [
        Change(None, deb("extra", "1"))
    ]
    grouped = group(changes, world(*old))
    names = {
        name: grouped.names[name, "amd64"]
        for name in ("foo", "libfoo", "libfoo-dev", "extra", "other")
    }
    assert names == {
        "foo": "extra+foo+lib",
        "libfoo": "extra+foo+lib",
        "libfoo-dev": "extra+foo+lib",
        "extra": "extra+foo+lib",
        "other": "other",
    }
    assert grouped.needed_by["extra", "amd64"] == (("foo", "amd64"),)


def test_an_exact_dependency_of_the_old_version_joins_two() -> None:
    old = [deb("app", "1", Depends="plug (= 1)"), deb("plug", "1")]
    new = [deb("app", "2"), deb("plug", "2")]
    grouped = group([Change(*pair) for pair in zip(old, new, strict=True)], world(*old))
    assert set(grouped.names.values()) == {"app+plug"}


def test_a_clash_with_the_old_version_joins_two() -> None:
    old = [deb("a", "1"), deb("b", "1")]
    new = [deb("a", "2", Breaks="b (<< 2)"), deb("b", "2")]
    assert set(
        group([Change(*pair) for pair in zip(old, new, strict=True)], world(*old)).names.values()
    ) == {"a+b"}


def _closed(
    wanted: DebPackage, installed: Mapping[Key, DebPackage], *offers: DebPackage
) -> tuple[list[str], str]:
    of = {offer.name: offer for offer in offers}
    closure = close({wanted.key: wanted}, installed, lambda package: of.get(package.name))
    return (
        sorted(f"{each.name} {each.version}" for each in closure.changes.values()),
        closure.refused,
    )


def test_a_relation_that_did_not_hold_before_need_not_hold() -> None:
    """A hardened image: foo lives without the editor that it depends on."""
    installed = world(deb("foo", "1", Depends="editor, lib"), deb("lib", "1"))
    assert _closed(deb("foo", "2", Depends="editor (>= 3), lib"), installed) == (["foo 2"], "")


def test_what_must_be_newer_is_pulled_along() -> None:
    installed = world(deb("foo", "1", Depends="lib"), deb("lib", "1"))
    assert _closed(deb("foo", "2", Depends="lib (>= 2)"), installed, deb("lib", "2")) == (
        ["foo 2", "lib 2"],
        "",
    )
    assert (
        _closed(deb("foo", "2", Depends="lib (>= 2)"), installed)[1] == "foo 2: Depends: lib (>= 2)"
    )


def test_a_package_for_all_architectures_is_replaced_whatever_it_was_before() -> None:
    one, all_, foreign = (
        deb("x", "1"),
        replace(deb("x", "2"), architecture="all"),
        replace(deb("x", "1"), architecture="i386"),
    )
    assert list(replaced(world(one, foreign), [all_])) == [("x", "all")]
    assert list(replaced(world(all_), [deb("x", "3")])) == [("x", "amd64")]
    assert sorted(
        replaced(world(one, foreign), [deb("x", "2")]).values(), key=lambda each: each.key
    ) == [deb("x", "2"), foreign]


def test_what_was_never_there_is_not_installed() -> None:
    installed = world(deb("foo", "1"))
    assert (
        _closed(deb("foo", "2", Depends="brand-new"), installed)[1]
        == "foo 2: Depends: brand-new, which the image does not have"
    )


def test_a_package_that_does_not_allow_the_version_is_named() -> None:
    installed = world(deb("lib", "1"), deb("strict", "1", Depends="lib (= 1)"))
    assert _closed(deb("lib", "2"), installed)[1] == "strict 1: Depends: lib (= 1)"
    assert _closed(deb("lib", "2"), installed, deb("strict", "2", Depends="lib (= 2)")) == (
        ["lib 2", "strict 2"],
        "",
    )
    assert _closed(
        deb("lib", "2", Breaks="strict (<< 5)"), world(deb("lib", "1"), deb("strict", "1"))
    )[1].startswith("lib 2 conflicts with strict 1")


def test_status_and_status_d_are_read_with_holds() -> None:
    rootfs = tree(
        {
            "/var/lib/dpkg/status": (
                f"{HELD}\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
            ),
            "/var/lib/dpkg/status.d/b": (
                "Package: b\nVersion: 2\nArchitecture: amd64\nSource: src (1.5)\n"
            ),
            "/var/lib/dpkg/status.d/b.md5sums": "x",
        }
    )
    found = read_installed(rootfs)
    assert set(found) == {("a", "all"), ("b", "amd64")}
    assert found["a", "all"].held
    assert (found["b", "amd64"].source, found["b", "amd64"].source_version) == ("src", "1.5")


@pytest.mark.parametrize(
    ("name", "version", "answer"),
    [
        ("openssl", "3.0.2-0ubuntu1.18+Fips1", True),
        ("openssl-fips-module-3", "1", True),
        ("linux-fips", "1", True),
        ("openssl", "3.0.2", False),
    ],
)
def test_fips_is_told_by_name_or_version(name: str, version: str, answer: bool) -> None:
    assert is_fips(name, version) is answer


def test_fips_is_lost_only_by_a_version() -> None:
    assert loses_fips("3+Fips1", "3.1")
    assert not loses_fips("3+Fips1", "3.1+Fips2")
    assert not loses_fips("5", "6")
