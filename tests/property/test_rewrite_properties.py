"""Whatever is removed, the databases agree with the disk afterwards, and a second pass finds
nothing to do.
"""

import base64
import csv
import hashlib
import io
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.consistency import check_databases
from careen.rewrite.databases import database_edits
from careen.rewrite.lines import decode, encode, map_lines, split_lines
from tests.support.trees import Link, tree

IMAGE = ImageRef("demo", None, "sha256:" + "1" * 64, (), "linux/amd64")
SITE = "/usr/lib/python3/dist-packages"
NOTHING = Inventory({}, {})

NAMES = st.text(st.sampled_from('ab ,"é\udce9\\\r\u2028'), min_size=1, max_size=4).filter(
    lambda name: name.strip() == name
)
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join),
    st.binary(max_size=4),
    min_size=1,
    max_size=8,
)


def without_conflicts(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Drop files in whose place another one needs a directory."""
    return {
        path: data
        for path, data in files.items()
        if not any(other.startswith(path + "/") for other in files)
    }


def image(files: Mapping[str, bytes]) -> dict[str, bytes | str | Link | None]:
    """An image in which one package and one distribution own all files, listed through `/lib`, a
    link to `/usr/lib`.
    """
    listing = "".join(f"/lib/{path}\n" for path in files) + "/.\n/lib\n"
    sums = "".join(
        f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  lib/{path}\n"
        for path, data in files.items()
    )
    rows = io.StringIO(newline="")
    writer = csv.writer(rows, lineterminator="\n")
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        writer.writerow((f"../../{path}", f"sha256={digest}", len(data)))
    writer.writerow(("demo-1.dist-info/RECORD", "", ""))
    return {
        **{f"/usr/lib/{path}": data for path, data in files.items()},
        "/lib": Link("usr/lib"),
        "/var/lib/dpkg/info/demo.list": encode(listing),
        "/var/lib/dpkg/info/demo.md5sums": encode(sums),
        f"{SITE}/demo-1.dist-info/RECORD": encode(rows.getvalue()),
    }


def plan_for(rootfs: Rootfs, removed: set[str]) -> Plan:
    keep = {entry.path: Reason("observed", "") for entry in rootfs if entry.path not in removed}
    return Plan(
        IMAGE,
        Level.CLOSURE,
        keep,
        {ImagePath(path): Reason("unused", "") for path in removed},
        {},
        "0" * 64,
    )


@settings(max_examples=150, deadline=None)
@given(files=FILES.map(without_conflicts), data=st.data())
def test_any_removal_leaves_true_databases(files: dict[str, bytes], data: st.DataObject) -> None:
    content = image(files)
    before = tree(content)
    assert check_databases(before, NOTHING) == ()
    gone = data.draw(st.sets(st.sampled_from(sorted(files))))
    removed = {f"/usr/lib/{path}" for path in gone}
    edits = database_edits(before, NOTHING, plan_for(before, removed))
    left: dict[str, bytes | str | Link | None] = {
        path: value for path, value in content.items() if path not in removed
    }
    after = tree(left | dict(edits.items()))
    assert check_databases(after, NOTHING) == ()
    assert bool(edits) == bool(removed)
    assert database_edits(after, NOTHING, plan_for(after, set())) == {}
    listed = decode(after.read(ImagePath("/var/lib/dpkg/info/demo.list"), 10_000)).split("\n")
    assert {line.removeprefix("/lib/") for line in listed if line.startswith("/lib/")} == set(
        files
    ) - gone


@given(st.binary(max_size=200))
def test_any_bytes_survive_when_no_line_is_dropped(data: bytes) -> None:
    text = decode(data)
    assert "".join(split_lines(text)) == text
    assert encode(map_lines(text, lambda line: line)) == data


@settings(max_examples=150, deadline=None)
@given(
    status=st.binary(max_size=300),
    record=st.binary(max_size=300),
    group=st.binary(max_size=300),
    diversions=st.binary(max_size=100),
)
def test_no_database_whatever_its_bytes_breaks_the_rewrite(
    status: bytes, record: bytes, group: bytes, diversions: bytes
) -> None:
    before = tree({
        "/var/lib/dpkg/status": status,
        "/var/lib/dpkg/diversions": diversions,
        "/var/lib/dpkg/alternatives/x": group,
        "/var/lib/dpkg/info/x.list": record,
        "/var/lib/dpkg/info/x.md5sums": group,
        f"{SITE}/demo-1.dist-info/RECORD": record,
        "/gone": b"",
    })  # fmt: skip
    edits = database_edits(before, NOTHING, plan_for(before, {"/gone"}))
    assert all(len(content) <= before[path].size for path, content in edits.items()), (
        "a removal never adds to a database"
    )
    check_databases(before, NOTHING)
