"""A result is held against its plan: input tree, plan, result tree, and what must be reported."""

from dataclasses import replace
from typing import Any

import pytest

from careen.model.comparing.difference import Change, Difference
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import ImageRef
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.oci.tree.rootfs import Rootfs
from careen.verify.outside import changes_outside_plan
from tests.support.trees import Exec, Link, MemoryContent, tree

FILES: dict[str, Any] = {
    "/bin/app": Exec(b"app"),
    "/etc/conf": "a=1",
    "/lib/x.so.1": b"x",
    "/lib/x.so": Link("x.so.1"),
    "/doc/readme": "text",
    "/tmp": None,
}
DATABASE = ImagePath("/var/lib/dpkg/status")


def plan_for(rootfs: Rootfs, *removed: str) -> Plan:
    reason = Reason("observed", "used")
    keep = {entry.path: reason for entry in rootfs if entry.path not in removed}
    remove = {ImagePath(path): Reason("unused", "never used") for path in removed}
    return Plan(
        ImageRef("x", None, "sha256:" + "0" * 64, (), "linux/amd64"),
        Level.OBSERVED,
        keep,
        remove,
        {},
        "0" * 64,
    )


def altered(files: dict[str, Any], path: str, **changes: Any) -> Rootfs:
    """The tree with one entry's fields replaced."""
    rootfs = tree(files)
    entries = {entry.path: entry for entry in rootfs}
    data = {entry.path: rootfs.read(entry.path, 1 << 20) for entry in rootfs if entry.is_file}
    entries[ImagePath(path)] = replace(entries[ImagePath(path)], **changes)
    return Rootfs(entries, MemoryContent(data))


def linked(groups: dict[str, int]) -> Rootfs:
    """A tree of files that share content by number."""
    rootfs = tree(dict.fromkeys(groups, b"same"))
    entries: dict[ImagePath, Entry] = {
        entry.path: replace(entry, inode=groups.get(entry.path, entry.inode + 100))
        for entry in rootfs
    }
    return Rootfs(entries, MemoryContent({ImagePath(path): b"same" for path in groups}))


def without(*paths: str) -> dict[str, Any]:
    return {path: value for path, value in FILES.items() if path not in paths}


def lines(
    result: Rootfs,
    plan: Plan,
    original: Rootfs | None = None,
    rewritten: tuple[ImagePath, ...] = (),
) -> list[str]:
    return [
        str(difference)
        for difference in changes_outside_plan(
            original or tree(FILES), result, plan, DeclaredEdits(rewritten)
        )
    ]


def test_a_result_that_is_what_was_planned() -> None:
    plan = plan_for(tree(FILES), "/doc", "/doc/readme")
    assert lines(tree(without("/doc/readme")), plan) == []


def test_what_should_have_gone_is_reported() -> None:
    plan = plan_for(tree(FILES), "/doc", "/doc/readme")
    assert lines(tree(FILES), plan) == ["added /doc", "added /doc/readme"]


def test_what_should_have_stayed_is_reported() -> None:
    assert lines(tree(without("/lib/x.so")), plan_for(tree(FILES))) == ["removed /lib/x.so"]


def test_what_is_new_is_reported() -> None:
    assert lines(tree({**FILES, "/etc/backdoor": "x"}), plan_for(tree(FILES))) == [
        "added /etc/backdoor"
    ]


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("/bin/app", {"mode": 0o4755}, "changed /bin/app (mode: 0755 -> 4755)"),
        (
            "/bin/app",
            {"mode": 0o777, "uid": 5},
            "changed /bin/app (mode, owner: 0755, 0:0 -> 0777, 5:0)",
        ),
        ("/etc/conf", {"gid": 7}, "changed /etc/conf (owner: 0:0 -> 0:7)"),
        (
            "/lib/x.so",
            {"target": "../etc/conf"},
            "changed /lib/x.so (target: x.so.1 -> ../etc/conf)",
        ),
        ("/tmp", {"mode": 0o1777}, "changed /tmp (mode: 0755 -> 1777)"),
        ("/tmp", {"kind": EntryKind.FIFO}, "changed /tmp (kind: directory -> fifo)"),
        (
            "/bin/app",
            {"xattrs": {"security.capability": b"\1"}},
            "changed /bin/app (xattrs: none -> security.capability)",
        ),
        ("/lib/x.so", {"mode": 0o644}, None),
        ("/etc/conf", {"layer": 3}, None),
        ("/etc/conf", {"mtime": 99.5}, "changed /etc/conf (mtime: 0 -> 99.5)"),
    ],
)
def test_each_property_counts(path: str, changes: dict[str, Any], expected: str | None) -> None:
    assert lines(altered(FILES, path, **changes), plan_for(tree(FILES))) == (
        [expected] if expected else []
    )


def test_a_device_counts() -> None:
    before = altered(FILES, "/tmp", kind=EntryKind.CHARACTER, device=(1, 3))
    after = altered(FILES, "/tmp", kind=EntryKind.CHARACTER, device=(1, 5))
    assert lines(after, plan_for(before), before) == ["changed /tmp (device: 1:3 -> 1:5)"]


def test_content_of_the_same_size_counts() -> None:
    assert lines(tree({**FILES, "/etc/conf": "a=2"}), plan_for(tree(FILES))) == [
        "changed /etc/conf (content: the original's -> other bytes)"
    ]


def test_a_difference_in_the_last_byte_of_a_large_file_counts() -> None:
    big = b"\0" * (5 << 20)
    before, after = tree({"/model": big + b"1"}), tree({"/model": big + b"2"})
    assert changes_outside_plan(before, after, plan_for(before), DeclaredEdits()) == (
        Difference(
            ImagePath("/model"), Change.CHANGED, ("content",), "the original's", "other bytes"
        ),
    )


def test_a_rewritten_database_may_differ_in_content_only() -> None:
    before = tree({**FILES, DATABASE: "Package: a\nPackage: b\n"})
    after = tree({**FILES, DATABASE: "Package: a\n"})
    plan = plan_for(before)
    assert lines(after, plan, before, (DATABASE,)) == []
    assert lines(after, plan, before) == [f"changed {DATABASE} (size: 22 -> 11)"]
    opened = altered({**FILES, DATABASE: "Package: a\n"}, DATABASE, mode=0o666)
    assert lines(opened, plan, before, (DATABASE,)) == [f"changed {DATABASE} (mode: 0644 -> 0666)"]


def test_hard_links_stay_hard_links_among_what_is_kept() -> None:
    before = linked({"/bin/perl": 7, "/bin/perl5": 7, "/bin/perl5.36": 7})
    plan = plan_for(before, "/bin/perl5.36")
    assert lines(linked({"/bin/perl": 1, "/bin/perl5": 1}), plan, before) == []
    assert lines(linked({"/bin/perl": 1, "/bin/perl5": 2}), plan, before) == [
        "changed /bin/perl (links: /bin/perl /bin/perl5 -> none)",
        "changed /bin/perl5 (links: /bin/perl /bin/perl5 -> none)",
    ]


def test_a_rewritten_file_may_leave_its_hard_links() -> None:
    before = linked({"/a/RECORD": 7, "/b/RECORD": 7})
    assert (
        lines(
            linked({"/a/RECORD": 1, "/b/RECORD": 2}),
            plan_for(before),
            before,
            (ImagePath("/a/RECORD"),),
        )
        == []
    )
