"""The files of an RBOM beside a result: what careen itself rewrites is known, all else is told."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason, Symbols
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.verify.recorded_files import Recorded, recorded_files
from tests.support.trees import Link, tree
from tests.support.triage import IMAGE, bom, use

SOURCE, CODE = "/app/m.py", "/app/__pycache__/m.cpython-313.pyc"
STAMP, LATER = 1_700_000_000, 315_619_200


def byte_code(time: int, rest: bytes = b"code") -> bytes:
    return b"\xf3\x0d\x0d\x0a" + bytes(4) + time.to_bytes(4, "little") + bytes(4) + rest


def recorded(before: Mapping[str, bytes], after: Mapping[str, object], **plan: object) -> Recorded:
    """Compare an RBOM of all files of `before` with a result; a removed path begins with /gone."""
    original = tree(dict(before))
    entries = {each.path: replace(each, mtime=float(STAMP)) for each in original}
    seen = bom(dict.fromkeys(before, use(Use.OPENED)))
    files = tuple(
        replace(
            each,
            sha256=hashlib.sha256(before[each.path]).hexdigest(),
            size=len(before[each.path]),
        )
        for each in seen.files
    )
    keep = {path: Reason("observed", "") for path in entries if not path.startswith("/gone")}
    remove = {path: Reason("unused", "") for path in entries if path.startswith("/gone")}
    planned = Plan(IMAGE, Level.CLOSURE, keep, remove, {}, "")
    return recorded_files(
        replace(seen, files=files),
        replace(planned, **plan),  # type: ignore[arg-type]
        Rootfs(entries, original),  # type: ignore[arg-type]
        tree(dict(after)),  # type: ignore[arg-type]
    )


def test_byte_code_with_another_stamp_of_its_source_is_the_same() -> None:
    before = {SOURCE: b"pass\n", CODE: byte_code(STAMP)}
    found = recorded(before, {SOURCE: b"pass\n", CODE: byte_code(LATER)})
    assert (found.same, found.problems) == (2, [])
    found = recorded(before, {SOURCE: b"pass\n", CODE: byte_code(LATER, b"evil")})
    assert found.problems == [f"{CODE} has another content than the RBOM says"]


def test_a_file_without_symbols_is_smaller_by_what_the_plan_says() -> None:
    path = ImagePath("/lib/libx.so")
    symbols = Symbols({path: 10}, {})
    found = recorded({path: b"e" * 30}, {path: b"e" * 20}, symbols=symbols)
    assert (found.rewritten, found.problems) == (1, [])
    found = recorded({path: b"e" * 30}, {path: b"e" * 21}, symbols=symbols)
    assert found.problems == [f"{path} has another content than the RBOM says"]


@pytest.mark.parametrize(
    ("path", "is_rewritten"),
    [
        ("/var/lib/dpkg/status", True),
        ("/site/shop-1.dist-info/RECORD", True),
        ("/srv/RECORD", False),
        ("/site/shop-1.dist-info/METADATA", False),
    ],
)
def test_package_databases_are_rewritten_and_nothing_else_is(path: str, is_rewritten: bool) -> None:
    found = recorded({path: b"one\ntwo\n"}, {path: b"one\n"})
    assert found.rewritten == is_rewritten
    assert bool(found.problems) != is_rewritten


def test_another_kind_and_a_path_that_should_be_gone_are_told() -> None:
    before = {"/a": b"a", "/gone/b": b"b", "/gone/c": b"c"}
    found = recorded(before, {"/a": Link("/etc/passwd"), "/gone/b": b"b"})
    assert found.problems == [
        "/a is a symlink in the image, and a file in the RBOM",
        "/gone/b is in the image, and the plan removes it",
    ]
    assert found.absent == 1
