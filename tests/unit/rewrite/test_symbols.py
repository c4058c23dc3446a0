"""Symbols leave the files of an image: what is loaded, owner, mode, time, attributes, hard links
and the sums in package databases stay true.
"""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from careen.errors import InputError
from careen.formats.elf.loaded import loaded_difference
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason, Symbols
from careen.model.rbom import ImageRef, RuntimeBom
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.tree.rootfs import Rootfs
from careen.plan.explain import explain
from careen.plan.store import read_plan, write_plan
from careen.plan.symbols import symbols_of
from careen.rewrite.consistency import check_databases
from careen.rewrite.databases import database_edits
from careen.rewrite.lighter_files import SymbolFreeFiles
from careen.rewrite.strip import StripFacts, strip
from careen.verify.outside import changes_outside_plan
from tests.support.images import file, hardlink, layer, oci_layout
from tests.support.linked_elf import DEBUG, SYMBOLS, Layout, Part, linked
from tests.support.trees import Exec, tree

PROGRAM = linked(Layout(kind=2, unloaded=(*DEBUG, *SYMBOLS)))
LIBRARY = linked(
    Layout(loaded=(Part(".text", b"L" * 900, flags=6), Part(".dynamic", bytes(32), 6, 2, align=8)))
)
PLAIN = linked(Layout(unloaded=()))
SITE = "usr/lib/python3/site-packages"
APK = "lib/apk/db/installed"
INFO = "var/lib/dpkg/info"
STATUS = "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
REF = ImageRef("x", None, "sha256:" + "0" * 64, (), "linux/amd64")
FACTS = StripFacts("2024-05-06T07:08:09Z")


def sha256(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def q1(data: bytes) -> str:
    return "Q1" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


CAPABLE = {"SCHILY.xattr.security.capability": "cap"}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    base = layer(
        file(
            "bin/tool",
            PROGRAM,
            0o4755,
            uid=7,
            gid=8,
            mtime=1_500_000_000.25,
            pax=CAPABLE,
        ),
        hardlink("bin/same", "bin/tool", 0o4755, uid=7, gid=8, mtime=1_500_000_000.25, pax=CAPABLE),
        file("bin/plain", PLAIN, 0o755),
        file(f"{INFO}/tool.list", "/bin/tool\n/bin/same\n"),
        file(f"{INFO}/tool.md5sums", f"{md5(PROGRAM)}  bin/tool\n{md5(PROGRAM)}  bin/same\n"),
        file("var/lib/dpkg/status", STATUS),
    )
    top = layer(
        file(f"{SITE}/fast.so", LIBRARY),
        file(f"{SITE}/fast-1.dist-info/METADATA", "Name: fast\nVersion: 1\n"),
        file(
            f"{SITE}/fast-1.dist-info/RECORD",
            f"fast.so,{sha256(LIBRARY)},{len(LIBRARY)}\nfast-1.dist-info/RECORD,,\n",
        ),
        file("lib/libapk.so", LIBRARY),
        file(APK, f"P:one\nV:1\nF:lib\nR:libapk.so\na:0:0:755\nZ:{q1(LIBRARY)}\n\n"),
    )
    return open_image(OciLayout(oci_layout(tmp_path / "in", [base, top]), None), None, tmp_path)


INVENTORY = Inventory(
    {
        "pkg:deb/x/tool@1": Package(
            Ecosystem.DEB, "tool", "1", "pkg:deb/x/tool@1", ImagePath("/var/lib/dpkg/status"), ()
        ),
        "pkg:apk/x/one@1": Package(
            Ecosystem.APK, "one", "1", "pkg:apk/x/one@1", ImagePath(f"/{APK}"), ()
        ),
    },
    {},
)


def planned(
    rootfs: Rootfs,
    image: Image | None = None,
    globs: tuple[str, ...] = (),
    inventory: Inventory = INVENTORY,
) -> Plan:
    keep = {entry.path: Reason("observed", "") for entry in rootfs}
    plan = Plan(image.ref if image is not None else REF, Level.CLOSURE, keep, {}, {}, "b" * 64)
    return replace(
        plan, symbols=symbols_of(rootfs, inventory, keep, globs, SymbolFreeFiles(rootfs).of)
    )


def test_only_unloaded_bytes_go_and_the_databases_stay_true(image: Image, tmp_path: Path) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image)
    assert plan.symbols is not None
    assert sorted(plan.symbols.dropped) == [
        "/bin/same",
        "/bin/tool",
        "/lib/libapk.so",
        f"/{SITE}/fast.so",
    ]
    with image, strip(image, rootfs, INVENTORY, plan, FACTS, tmp_path) as result:
        after = result.rootfs()
        assert b"D" * 300 not in b"".join(one.open().read() for one in result.layers)
        rewritten = database_edits(rootfs, INVENTORY, plan)
        assert sorted(rewritten) == [
            f"/{APK}",
            f"/{SITE}/fast-1.dist-info/RECORD",
            f"/{INFO}/tool.md5sums",
        ]
        assert changes_outside_plan(rootfs, after, plan, DeclaredEdits(rewritten.keys())) == ()
        assert check_databases(after, INVENTORY) == ()
        before_tool, tool = rootfs[ImagePath("/bin/tool")], after[ImagePath("/bin/tool")]
        assert tool.size == before_tool.size - plan.symbols.dropped[tool.path]
        assert (tool.mode, tool.uid, tool.gid, tool.mtime, dict(tool.xattrs)) == (
            0o4755,
            7,
            8,
            1_500_000_000.25,
            {"security.capability": b"cap"},
        )
        assert after[ImagePath("/bin/same")].inode == tool.inode
        assert after.read(ImagePath("/bin/plain"), 1 << 20) == PLAIN
        with rootfs.open(tool.path) as one, after.open(tool.path) as two:
            assert loaded_difference(one, two, (before_tool.size, tool.size)) == ""


def test_the_same_input_gives_the_same_digest_and_symbols_count_in_that_of_the_plan(
    image: Image, tmp_path: Path
) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image)
    with image:
        digests = [
            strip(image, rootfs, INVENTORY, plan, FACTS, tmp_path).ref.digest for _ in range(2)
        ]
        whole = replace(plan, symbols=None)
        assert digests[0] == digests[1]
        kept = strip(image, rootfs, INVENTORY, whole, FACTS, tmp_path)
        assert kept.ref.digest != digests[0]
        assert plan.keep_sha256 != whole.keep_sha256
        assert kept.rootfs().read(ImagePath("/bin/tool"), 1 << 20) == PROGRAM


def test_a_name_of_a_file_whose_other_names_went_keeps_its_content(
    image: Image, tmp_path: Path
) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image)
    assert plan.symbols is not None
    gone = ImagePath("/bin/tool")
    keep = {path: reason for path, reason in plan.keep.items() if path != gone}
    dropped = {path: size for path, size in plan.symbols.dropped.items() if path != gone}
    plan = replace(
        plan, keep=keep, remove={gone: Reason("unused", "")}, symbols=Symbols(dropped, {})
    )
    with image, strip(image, rootfs, INVENTORY, plan, FACTS, tmp_path) as result:
        assert (
            changes_outside_plan(
                rootfs,
                result.rootfs(),
                plan,
                DeclaredEdits(database_edits(rootfs, INVENTORY, plan).keys()),
            )
            == ()
        )


def test_verification_refuses_other_loaded_bytes_and_another_size(
    image: Image, tmp_path: Path
) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image)
    whole = replace(plan, symbols=None)
    with image, strip(image, rootfs, INVENTORY, whole, FACTS, tmp_path) as result:
        found = changes_outside_plan(rootfs, result.rootfs(), plan, DeclaredEdits())
        assert {(difference.path, difference.what) for difference in found} >= {
            ("/bin/tool", ("size",))
        }
    path = ImagePath("/bin/x")
    before = tree({"/bin/x": PROGRAM})
    plan = planned(before)
    found_lighter = SymbolFreeFiles(before).of(path)
    assert plan.symbols is not None
    lighter = b"".join(
        PROGRAM[part[0] : part[0] + part[1]] if isinstance(part, tuple) else part
        for part in found_lighter.parts  # type: ignore[union-attr]
    )
    assert changes_outside_plan(before, tree({"/bin/x": lighter}), plan, DeclaredEdits()) == ()
    tampered = lighter.replace(b"TTTT", b"TTTX", 1)
    (difference,) = changes_outside_plan(before, tree({"/bin/x": tampered}), plan, DeclaredEdits())
    assert difference.what == ("content",)
    assert "a loaded byte differs" in difference.after


def test_a_plan_that_was_changed_is_refused(image: Image, tmp_path: Path) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image)
    with image:
        for wrong in ({"/bin/plain": 10}, {"/bin/tool": 1}, {"/not/there": 5}, {"/bin": 5}):
            changed = replace(
                plan, symbols=Symbols({ImagePath(path): size for path, size in wrong.items()}, {})
            )
            with pytest.raises(InputError, match="drops symbols of"):
                strip(image, rootfs, INVENTORY, changed, FACTS, tmp_path)


def test_a_plan_with_symbols_is_read_back(image: Image) -> None:
    plan = planned(image.rootfs(), image, ("/lib/**",))
    assert plan.symbols is not None
    assert plan.symbols.left == {"/lib/libapk.so": "--keep /lib/**"}
    assert read_plan(write_plan(plan)) == plan


def reasons(
    files: dict[str, bytes | str], inventory: Inventory = INVENTORY, globs: tuple[str, ...] = ()
) -> dict[str, str]:
    rootfs = tree(files)
    plan = planned(rootfs, globs=globs, inventory=inventory)
    assert plan.symbols is not None
    return {
        path: plan.symbols.left.get(ImagePath(path), "dropped")
        for path in (*plan.symbols.left, *plan.symbols.dropped)
    }


@pytest.mark.parametrize(
    "other",
    ["/lib/.libx.so.hmac", "/lib/libx.so.hmac", "/lib/fipscheck/libx.so.hmac", "/lib/libx.chk"],
)
def test_a_library_whose_checksum_lies_beside_it_is_left_alone(other: str) -> None:
    assert "checksum" in reasons({"/lib/libx.so": LIBRARY, other: "sum"})["/lib/libx.so"]
    assert reasons({"/lib/libx.so": LIBRARY}) == {"/lib/libx.so": "dropped"}


def test_a_fips_provider_is_left_alone() -> None:
    assert (
        "checksum"
        in reasons({"/usr/lib/ossl-modules/fips.so": LIBRARY})["/usr/lib/ossl-modules/fips.so"]
    )


@pytest.mark.parametrize(
    ("ecosystem", "word"),
    [
        (Ecosystem.RPM, "rpm's record"),
        (Ecosystem.CONDA, "conda's record"),
        (Ecosystem.DEB, "dropped"),
    ],
)
def test_files_of_databases_whose_sums_stay_are_left_alone(ecosystem: Ecosystem, word: str) -> None:
    package = Package(ecosystem, "x", "1", "pkg:x/x@1", ImagePath("/db"), ())
    owned = Inventory({package.purl: package}, {ImagePath("/lib/libx.so"): (package.purl,)})
    assert word in reasons({"/lib/libx.so": LIBRARY}, owned)["/lib/libx.so"]


def test_where_a_debugger_stays_all_symbols_stay() -> None:
    found = reasons({"/lib/libx.so": LIBRARY, "/usr/bin/gdb": Exec(b"#!/bin/sh\n")})
    assert found == {"/lib/libx.so": "/usr/bin/gdb stays, and reads symbol tables"}


def test_what_the_user_keeps_stays_as_it_is() -> None:
    assert reasons({"/opt/a/libx.so": LIBRARY, "/lib/liby.so": LIBRARY}, globs=("/opt/a",)) == {
        "/opt/a/libx.so": "--keep /opt/a",
        "/lib/liby.so": "dropped",
    }


def test_signed_files_are_left_alone(tmp_path: Path) -> None:
    signed = layer(file("lib/libx.so", LIBRARY, pax={"SCHILY.xattr.security.ima": "sig"}))
    with open_image(
        OciLayout(oci_layout(tmp_path / "in", [signed]), None), None, tmp_path
    ) as image:
        plan = planned(image.rootfs(), image)
        assert plan.symbols is not None
        assert plan.symbols.left == {"/lib/libx.so": "it is signed (an extended attribute)"}


def test_why_says_what_becomes_of_symbols(image: Image) -> None:
    rootfs = image.rootfs()
    plan = planned(rootfs, image, ("/lib/**",))
    assert plan.symbols is not None
    bom = cast("RuntimeBom", SimpleNamespace(files=(), missed=()))
    said = {
        path: explain(plan, rootfs, INVENTORY, bom, ImagePath(path)).symbols
        for path in ("/bin/tool", "/lib/libapk.so", "/bin/plain")
    }
    assert said == {
        "/bin/tool": (
            f"removed, {plan.symbols.dropped[ImagePath('/bin/tool')]:,} bytes: no loader reads them"
        ),
        "/lib/libapk.so": "kept: --keep /lib/**",
        "/bin/plain": "",
    }


def test_a_file_that_is_named_like_a_text_is_not_opened() -> None:
    rootfs = tree({"/x/tool": Exec(PROGRAM), "/x/tool.py": PROGRAM})
    files = SymbolFreeFiles(rootfs)
    assert files.of(ImagePath("/x/tool")) is not None
    assert files.of(ImagePath("/x/tool.py")) is None
