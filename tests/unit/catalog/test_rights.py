"""File capabilities that change the user count as setuid does."""

import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from careen.catalog.contract.files import permissions
from careen.catalog.contract.rights import changes_user
from careen.catalog.contract.sides import Pair, Side
from careen.catalog.entries import load_catalog
from careen.catalog.recipe import recipe
from careen.catalog.upstream.terms import terms_of
from careen.inventory.scan import scan
from careen.model.catalog.contract import Kept
from careen.model.catalog.entry import Variant
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, MemoryContent, tree

MAP = ImagePath("/usr/bin/newuidmap")
FILES = {MAP: Exec(b"x"), "/usr/bin/app": Exec(b"app")}


def capability(*numbers: int) -> bytes:
    held = sum(1 << number for number in numbers)
    return struct.pack("<IIIII", 0x02000001, held & 0xFFFFFFFF, 0, held >> 32, 0)


def root(data: bytes | None) -> Rootfs:
    plain = tree(FILES)
    entries = {entry.path: entry for entry in plain}
    if data is not None:
        entries[MAP] = replace(entries[MAP], xattrs={"security.capability": data})
    return Rootfs(entries, MemoryContent({}))


def side(data: bytes | None) -> Side:
    found = root(data)
    return Side(found, scan(found), ImageConfig({}))


def last(ours: bytes | None, theirs: bytes | None, variant: Variant) -> Kept:
    return list(permissions(Pair(side(theirs), side(ours), variant)))[-1].kept


def entry(data: bytes) -> Entry:
    return root(data)[MAP]


@pytest.mark.parametrize("data", [capability(7), capability(10, 31), b"", b"x" * 7, b"x" * 400])
def test_a_program_that_may_change_the_user_is_known(data: bytes) -> None:
    assert changes_user(entry(data))


def test_a_port_below_1024_is_no_other_user() -> None:
    assert not changes_user(entry(capability(10)))
    assert not changes_user(entry(capability(10, 38)))
    assert not changes_user(tree(FILES)[MAP])


def test_a_runtime_with_such_a_program_is_broken_and_compat_keeps_it() -> None:
    held, port = capability(7), capability(10)
    assert last(held, held, Variant.RUNTIME) is Kept.BROKEN
    assert last(None, held, Variant.RUNTIME) is Kept.DIFFERS
    assert last(port, port, Variant.RUNTIME) is Kept.SAME
    assert last(held, held, Variant.COMPAT) is Kept.SAME
    assert last(port, held, Variant.COMPAT) is Kept.BROKEN
    assert last(None, port, Variant.COMPAT) is Kept.BROKEN


def test_a_cut_from_an_image_forbids_or_keeps_it() -> None:
    catalog = load_catalog(())
    found = catalog.find("debian:trixie")
    terms: Mapping[Variant, Any] = {
        each: terms_of(side(capability(7)), recipe(catalog, found, each), catalog.chain(found))
        for each in (Variant.RUNTIME, Variant.COMPAT)
    }
    assert MAP in terms[Variant.RUNTIME].remove
    assert MAP in terms[Variant.COMPAT].keep
