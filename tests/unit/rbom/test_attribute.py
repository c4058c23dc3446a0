"""From touches to used files."""

import errno
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from careen.inventory.scan import scan
from careen.model.paths import ImagePath
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.runs.trace import Endpoint, Phase, Touch, Trace, Use
from careen.oci.tree import trace_names
from careen.oci.tree.rootfs import Rootfs
from careen.rbom.attribute import attribute
from tests.support.boms import BOTH, IMAGE, PYTHON, SENSOR, SERVING, START
from tests.support.trees import Exec, Link, tree

RUN = Run(
    "web", ("python", "app.py"), "2026-03-01T10:00:00Z", 3.5, ("pytest",), "tests", SENSOR, "docker"
)
ROOTFS = tree(
    {
        "/bin": Link("usr/bin"),
        "/usr/bin/dash": Exec(b"dash"),
        "/usr/bin/sh": Link("dash"),
        "/usr/lib/libx.so.1": b"x",
        "/app/main.py": "main",
        "/app/cache": None,
        "/app/data": Link("/data/mounted"),
        "/app/log": Link("/dev/stdout"),
        "/app/dangling": Link("nowhere"),
        "/jail/etc/conf": "c",
        "/loop": Link("loop"),
        "/proc/placeholder": "",
        "/var/lib/dpkg/status": (
            "Package: dash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
        ),
        "/var/lib/dpkg/info/dash.list": "/bin/dash\n/bin/sh\n",
    }
)
DASH = "pkg:deb/debian/dash@1?arch=amd64"


def touch(
    given: str, use: Use = Use.OPENED, error: int = 0, resolved: str | None = None, **changes: Any
) -> Touch:
    base = Touch(
        use, given, "/", resolved, None if resolved is None else True, error, START, PYTHON
    )
    return replace(base, **changes)


def attributed(
    *touches: Touch, rootfs: Rootfs = ROOTFS, run: Run = RUN, **trace: Any
) -> RuntimeBom:
    return attribute(
        replace(Trace(SENSOR, touches, {}, (), mounts=("/proc",)), **trace),
        rootfs,
        scan(rootfs),
        IMAGE,
        run,
    )


def uses(bom: RuntimeBom) -> dict[str, list[str]]:
    return {file.path: [use.use.value for use in file.uses] for file in bom.files}


def test_a_name_is_walked_through_every_link_to_its_file() -> None:
    bom = attributed(touch("/bin/sh", Use.EXECUTED, resolved="/usr/bin/dash"))
    assert uses(bom) == {
        "/bin": ["traversed"],
        "/usr/bin/dash": ["executed"],
        "/usr/bin/sh": ["traversed"],
    }
    dash = bom.files[1]
    assert (dash.kind, dash.sha256, dash.size, dash.layer) == (
        "file",
        sha256(b"dash").hexdigest(),
        4,
        IMAGE.diff_ids[0],
    )
    assert dash.packages == (DASH,)
    assert bom.packages == {DASH: ("dash", "1", "deb")}
    assert bom.files[2].target == "dash"
    assert (bom.unresolved, bom.outside, bom.missed) == (0, 0, ())


def test_phases_join_and_uses_and_programs_stay_apart() -> None:
    bom = attributed(
        touch("/app/main.py"),
        touch("/app/main.py", phases=SERVING),
        touch("/app/main.py", Use.LOOKED_UP),
        touch("/app/main.py", executable="/usr/bin/cat"),
    )
    assert [(use.use, use.phases, use.executable, use.origin) for use in bom.files[0].uses] == [
        (Use.OPENED, START, "/usr/bin/cat", "web"),
        (Use.OPENED, BOTH, PYTHON, "web"),
        (Use.LOOKED_UP, START, PYTHON, "web"),
    ]


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("main.py", "/app"),
        ("./main.py", "/app"),
        ("../app//main.py", "/app/cache/.."),
        ("", "/app/main.py"),
        ("/app/main.py", "/"),
    ],
)
def test_relative_names_start_from_their_directory(given: str, base: str) -> None:
    assert uses(attributed(touch(given, base=base)))["/app/main.py"] == ["opened"]


def test_an_absolute_name_under_a_chroot_starts_from_its_root() -> None:
    assert uses(attributed(touch("/etc/conf", base="/jail"))) == {"/jail/etc/conf": ["opened"]}


def test_a_directory_is_used_too() -> None:
    bom = attributed(touch("/app", Use.LISTED))
    assert [(file.path, file.kind, file.sha256, file.size) for file in bom.files] == [
        ("/app", "directory", "", 0)
    ]


def test_what_neither_has_is_missed_at_the_end_of_its_walk() -> None:
    bom = attributed(
        touch("/bin/nano", Use.EXECUTED, errno.ENOENT),
        touch("/app/main.py/x", Use.LOOKED_UP, errno.ENOTDIR),
        touch("/app/dangling", Use.LOOKED_UP, errno.ENOENT),
        touch("/loop", Use.LOOKED_UP, errno.ELOOP),
    )
    assert [(missed.path, missed.errno) for missed in bom.missed] == [
        ("/app/main.py/x", errno.ENOTDIR),
        ("/app/nowhere", errno.ENOENT),
        ("/loop", errno.ELOOP),
        ("/usr/bin/nano", errno.ENOENT),
    ]
    assert uses(bom) == {
        "/app/dangling": ["traversed"],
        "/bin": ["traversed"],
        "/loop": ["traversed"],
    }
    assert bom.unresolved == 0


@pytest.mark.parametrize(
    "error", [errno.EACCES, errno.EEXIST, errno.EINVAL, errno.ENOTDIR, errno.ENOEXEC]
)
def test_a_call_that_failed_on_a_file_that_is_there_looked_it_up(error: int) -> None:
    bom = attributed(touch("/app/main.py", Use.OPENED, error))
    assert uses(bom) == {"/app/main.py": ["looked up"]}
    assert (bom.missed, bom.unresolved) == ((), 0)


def test_a_file_made_at_run_time_is_none_of_the_image_but_its_directory_is_needed() -> None:
    bom = attributed(
        touch("/app/cache/new", Use.WRITTEN, resolved="/app/cache/new"),
        touch("/app/cache/new", Use.OPENED, resolved="/app/cache/new"),
    )
    assert uses(bom) == {"/app/cache": ["written", "looked up"]}
    assert (bom.missed, bom.unresolved, bom.outside) == ((), 0, 0)


def test_other_file_systems_are_outside_though_the_links_that_lead_there_are_used() -> None:
    bom = attributed(
        touch("/app/data/file", on_image=False),
        touch("/app/log", Use.WRITTEN),
        touch("/proc/placeholder"),
        touch("self/maps", base="/proc"),
    )
    assert uses(bom) == {"/app/data": ["traversed"], "/app/log": ["traversed"]}
    assert bom.outside == 4
    assert bom.missed == ()


def test_a_call_that_does_not_follow_the_last_link_used_the_link() -> None:
    bom = attributed(touch("/bin/sh", Use.LOOKED_UP, resolved="/usr/bin/sh"))
    assert uses(bom) == {"/bin": ["traversed"], "/usr/bin/sh": ["looked up"]}
    assert bom.unresolved == 0


def test_a_disagreement_is_counted_and_both_files_are_used() -> None:
    bom = attributed(touch("/usr/lib/libx.so.1", Use.MAPPED, resolved="/app/main.py"))
    assert uses(bom) == {"/app/main.py": ["mapped"], "/usr/lib/libx.so.1": ["mapped"]}
    assert bom.unresolved == 1


def test_missing_for_the_kernel_but_in_the_index_is_a_disagreement_unless_the_run_removed_it() -> (
    None
):
    assert attributed(touch("/app/main.py", Use.OPENED, errno.ENOENT)).unresolved == 1
    removed = touch("/app/main.py", Use.WRITTEN)
    assert attributed(touch("/app/main.py", Use.OPENED, errno.ENOENT), removed).unresolved == 0
    relinked = (
        touch("/usr/bin/sh", Use.WRITTEN, resolved="/usr/bin/sh"),
        touch("/bin/sh", Use.EXECUTED, resolved="/app/main.py"),
    )
    assert attributed(*relinked).unresolved == 0


def test_an_exec_without_its_interpreter_found_the_file() -> None:
    bom = attributed(touch("/app/main.py", Use.EXECUTED, errno.ENOENT))
    assert (uses(bom), bom.unresolved) == ({"/app/main.py": ["looked up"]}, 0)


@pytest.mark.parametrize(
    "given", ["/" + "a" * 300, "/" + "a/" * 4000, "/a\0b", "\udcff\udcfe", "../" * 5000]
)
def test_names_that_no_image_can_hold_are_survived(given: str) -> None:
    bom = attributed(touch(given, Use.OPENED, errno.ENOENT), touch("/app/main.py"))
    assert "/app/main.py" in uses(bom)
    assert all(len(missed.path) < 300 for missed in bom.missed)


def test_the_run_is_told_with_its_calls_and_endpoints() -> None:
    trace = Trace(
        SENSOR,
        (),
        {Phase.SERVING: ("write", "read"), Phase.START: ()},
        (
            Endpoint("bind", "inet", "0.0.0.0", 80, START, "/bin/web"),
            Endpoint("bind", "inet", "0.0.0.0", 80, SERVING, "/bin/web"),
            Endpoint("bind", "inet", "0.0.0.0", 80, SERVING),
        ),
    )
    bom = attribute(trace, ROOTFS, scan(ROOTFS), IMAGE, RUN)
    assert bom.syscalls == {Phase.SERVING: ("read", "write")}
    assert bom.endpoints == (
        Endpoint("bind", "inet", "0.0.0.0", 80, SERVING),
        Endpoint("bind", "inet", "0.0.0.0", 80, BOTH, "/bin/web"),
    )
    (run,) = bom.runs
    assert (
        run.workload,
        run.command,
        run.seconds,
        run.tests,
        run.checked,
        run.sensor,
        run.engine,
    ) == (
        "web",
        ("python", "app.py"),
        3.5,
        ("pytest",),
        "tests",
        SENSOR,
        "docker",
    )


def test_hard_links_are_two_files_with_one_hash() -> None:
    plain = tree({"/a": "same", "/b": "same"})
    entries = {entry.path: entry for entry in plain}
    entries[ImagePath("/b")] = replace(
        entries[ImagePath("/b")], inode=entries[ImagePath("/a")].inode
    )
    linked = Rootfs(entries, plain._content)
    bom = attributed(touch("/a"), touch("/b"), rootfs=linked)
    assert {file.path: file.sha256 for file in bom.files} == {
        "/a": sha256(b"same").hexdigest(),
        "/b": sha256(b"same").hexdigest(),
    }


BY_PROCESS_LINKS = (
    "/proc/self/root/app/main.py",
    "/proc/self/cwd/main.py",
    "/proc/1/fd/3/main.py",
    "/dev/fd/3/main.py",
)


@pytest.mark.parametrize("given", BY_PROCESS_LINKS)
@pytest.mark.parametrize("use", [Use.OPENED, Use.EXECUTED, Use.MAPPED, Use.WRITTEN, Use.LISTED])
def test_what_the_kernel_reached_on_the_image_is_used_however_it_was_spelled(
    given: str, use: Use
) -> None:
    bom = attributed(touch(given, use, resolved="/app/main.py"))
    assert uses(bom) == {"/app/main.py": [use.value]}
    assert (bom.unresolved, bom.outside, bom.missed) == (0, 0, ())


@pytest.mark.parametrize("given", BY_PROCESS_LINKS)
def test_a_look_up_through_a_process_link_counts_for_every_directory_that_it_may_mean(
    given: str,
) -> None:
    bom = attributed(touch(given, Use.LOOKED_UP), directories=frozenset({"/app", "/usr/bin"}))
    assert uses(bom) == {"/app/main.py": ["looked up"]}
    assert (bom.unresolved, bom.outside) == (0, 0)


def test_a_look_up_through_the_root_of_a_process_fails_like_any_other() -> None:
    bom = attributed(
        touch("/proc/self/root/bin/nano", Use.LOOKED_UP, errno.ENOENT),
        touch("/proc/self/root/app/main.py", Use.LOOKED_UP, errno.EACCES),
    )
    assert [missed.path for missed in bom.missed] == ["/usr/bin/nano"]
    assert uses(bom)["/app/main.py"] == ["looked up"]
    assert bom.unresolved == 0


def test_a_link_of_the_image_to_a_process_link_leads_back_to_the_image() -> None:
    rootfs = tree({"/opt/self": Link("/proc/self/root"), "/opt/data": "x"})
    bom = attributed(
        touch("/opt/self/opt/data", Use.LOOKED_UP),
        touch("/opt/self/opt/data", resolved="/opt/data"),
        rootfs=rootfs,
    )
    assert uses(bom) == {"/opt/data": ["opened", "looked up"], "/opt/self": ["traversed"]}
    assert bom.unresolved == 0


def test_names_in_a_chroot_and_the_links_on_their_way_start_from_its_root() -> None:
    rootfs = tree({"/jail/lib": Link("/usr/lib"), "/jail/usr/lib/x": "in", "/usr/lib/x": "out"})
    bom = attributed(
        touch("/lib/x", Use.LOOKED_UP, base="/jail"),
        touch("/../../lib/x", resolved="/jail/usr/lib/x", base="/jail"),
        rootfs=rootfs,
    )
    assert uses(bom) == {"/jail/lib": ["traversed"], "/jail/usr/lib/x": ["opened", "looked up"]}
    assert bom.unresolved == 0


def test_too_many_names_through_links_of_unknown_directories_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace_names, "MAX_WALKS", 3)
    names = [
        touch(f"/proc/self/cwd/main.py/../cache/../{i}/../main.py", Use.LOOKED_UP) for i in range(5)
    ]
    assert attributed(*names, directories=frozenset({"/app"})).unresolved == 3


def test_what_the_index_lacks_and_nothing_made_is_counted() -> None:
    hidden = touch("/app/.hidden/payload", Use.EXECUTED, resolved="/app/.hidden/payload")
    bom = attributed(hidden)
    assert bom.unresolved == 1
    assert (
        bom.runs[0].sensor.notes[-1]
        == "index and kernel disagree about 1 path, first '/app/.hidden/payload'"
    )
    assert (
        attributed(hidden, touch("/app/cache", Use.WRITTEN)).unresolved == 1
    )  # a chmod of another directory
    assert attributed(hidden, touch("/app", Use.WRITTEN)).unresolved == 1  # a chmod of one above it
    assert (
        attributed(
            hidden, touch("/tmp/.hidden", Use.WRITTEN), touch("/app/.hidden", Use.WRITTEN)
        ).unresolved
        == 0
    )  # a rename


@pytest.mark.parametrize(
    "made",
    [
        touch("/app/new/deep", Use.WRITTEN),  # mkdir, mknod, symlink, link, rename: by name alone
        touch("/app/new/deep/file", Use.WRITTEN, resolved="/app/new/deep/file"),
        touch("deep/file", Use.WRITTEN, base="/app/new"),
        touch("/proc/self/root/app/new/deep/file", Use.WRITTEN),
        touch("/proc/self/cwd/file", Use.WRITTEN, resolved="/app/new/deep/file"),
    ],
)
def test_what_was_made_at_run_time_is_not_counted(made: Touch) -> None:
    bom = attributed(touch("/app/new/deep/file", resolved="/app/new/deep/file"), made)
    assert (bom.unresolved, bom.missed) == (0, ())


def test_what_engines_make_and_mount_is_not_counted() -> None:
    bom = attributed(
        touch("/.dockerenv", resolved="/.dockerenv"),
        touch("/work", Use.LOOKED_UP, resolved="/work"),
        touch(
            "/app/data/current/main.py", resolved="/app/main.py"
        ),  # a link on a volume that leads back
        directories=frozenset({"/work"}),
        mounts=("/data/mounted", "/proc"),
    )
    assert bom.unresolved == 0


def test_where_nothing_is_known_of_mounts_a_name_alone_is_no_disagreement() -> None:
    denied, elsewhere = (
        touch("/app/main.py", Use.LOOKED_UP, errno.ENOENT),
        touch("/usr/lib/libx.so.1", resolved="/app/main.py"),
    )
    assert attributed(denied, elsewhere).unresolved == 2
    assert attributed(denied, elsewhere, mounts=()).unresolved == 0
    assert attributed(denied, elsewhere, mounts=("/app", "/usr/lib/libx.so.1")).unresolved == 0


def test_of_what_was_there_before_somebody_attached_nothing_is_counted() -> None:
    older = (
        touch("/app/older", resolved="/app/older"),
        touch("/app/main.py", Use.LOOKED_UP, errno.ENOENT),
    )
    assert attributed(*older).unresolved == 2
    assert attributed(*older, run=replace(RUN, kind=RunKind.ATTACHED)).unresolved == 0
    blind = replace(SENSOR, evidence=frozenset({Use.OPENED, Use.EXECUTED, Use.LISTED}))
    assert attributed(*older, sensor=blind).unresolved == 0


def test_a_deleted_file_is_used_if_the_image_had_it_and_else_nothing() -> None:
    bom = attributed(
        touch("/app/main.py", resolved="/app/main.py", on_image=None),
        touch("/tmp/#12", resolved="/tmp/#12", on_image=None),
    )
    assert (uses(bom), bom.unresolved) == ({"/app/main.py": ["opened"]}, 0)


def test_the_missing_one_of_two_names_may_be_the_other() -> None:
    """rename(2) of a name that is not there fails for both."""
    assert attributed(touch("/app/main.py", Use.WRITTEN, errno.ENOENT)).unresolved == 0


def test_a_name_that_goes_through_a_process_link_a_thousand_times_is_led_and_bounded() -> None:
    rootfs = tree({"/d/a": Link("/proc/self/cwd"), "/d/q": "x"})
    given = "/proc/self/cwd/" + "a/" * 1500 + "q"
    bom = attributed(touch(given, Use.LOOKED_UP), rootfs=rootfs, directories=frozenset({"/d"}))
    assert uses(bom)["/d/q"] == ["looked up"]


def test_where_the_engine_cannot_say_what_was_put_into_the_root_a_new_file_is_no_disagreement() -> (
    None
):
    copied = touch("/app/conf.yml", resolved="/app/conf.yml")
    assert attributed(copied).unresolved == 1
    assert attributed(copied, differing=None).unresolved == 0
