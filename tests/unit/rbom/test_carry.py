"""Carrying an RBOM over to the next version of its image: what is the same, what has moved, what is
left out.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from careen.errors import InputError
from careen.inventory.measure import measure
from careen.inventory.scan import scan
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.runs.trace import Phase, Touch, Trace, Use
from careen.oci.image import Image
from careen.pipeline.profiling.carry import carry
from careen.pipeline.run.source import Examined
from careen.rbom.attribute import attribute
from careen.rbom.merge import merge
from careen.rbom.store import read_rbom, write_rbom
from tests.support.boms import IMAGE, RUN, SENSOR, SERVING, START
from tests.support.trees import Exec, Link, tree

NEXT = replace(
    IMAGE,
    reference="wl/app:2",
    manifest_digest=None,
    config_digest=f"sha256:{'7' * 64}",
    diff_ids=(f"sha256:{'8' * 64}",),
)
STATUS = "Package: dash\nStatus: install ok installed\nVersion: {}\nArchitecture: amd64\n"
OLD = {
    "/usr/bin/dash": Exec(b"dash"),
    "/usr/bin/python3.11": Exec(b"python"),
    "/app/main.py": "main",
    "/app/gone.py": "gone",
    "/app/data": None,
    "/app/link": Link("data"),
    "/app/empty": "",
    "/app/twice": "twice",
    "/var/lib/dpkg/status": STATUS.format(1),
    "/var/lib/dpkg/info/dash.list": "/usr/bin/dash\n",
}
NEW = {
    "/usr/bin/dash": Exec(b"dash"),
    "/usr/bin/python3.12": Exec(b"python"),
    "/app/main.py": "more",
    "/app/data": None,
    "/app/link": Link("elsewhere"),
    "/app/optional.so": b"x",
    "/app/other/empty": "",
    "/app/one/twice": "twice",
    "/app/two/twice": "twice",
    "/var/lib/dpkg/status": STATUS.format(2),
    "/var/lib/dpkg/info/dash.list": "/usr/bin/dash\n",
}


def examined(files: dict[str, bytes | str | Link | None], layer: int = 0) -> Examined:
    rootfs = tree(files, layer)
    inventory = scan(rootfs)
    image = cast("Image", SimpleNamespace(ref=NEXT, reference=NEXT.reference))
    return Examined(
        image, rootfs, inventory, measure(rootfs, inventory, NEXT.reference, NEXT.digest)
    )


def touch(use: Use, path: str, error: int = 0, program: str = "/usr/bin/python3.11") -> Touch:
    return Touch(
        use,
        path,
        "/",
        None if error else path,
        on_image=None if error else True,
        errno=error,
        phases=START,
        executable=program,
    )


def old(*touches: Touch, run: Run = RUN) -> RuntimeBom:
    rootfs = tree(OLD)
    return attribute(
        Trace(SENSOR, touches, {Phase.START: ("openat",)}, ()), rootfs, scan(rootfs), IMAGE, run
    )


def used(bom: RuntimeBom) -> dict[str, list[tuple[str, str, str]]]:
    return {
        file.path: [(use.use.value, use.executable, use.origin) for use in file.uses]
        for file in bom.files
    }


def test_the_same_content_at_the_same_path_keeps_its_uses_and_gets_its_new_owner() -> None:
    bom, report = carry(old(touch(Use.EXECUTED, "/usr/bin/dash", program="")), examined(NEW))
    (dash,) = bom.files
    assert used(bom) == {"/usr/bin/dash": [("executed", "", "web")]}
    assert (dash.packages, dash.layer) == (("pkg:deb/debian/dash@2?arch=amd64",), NEXT.diff_ids[0])
    assert bom.packages == {"pkg:deb/debian/dash@2?arch=amd64": ("dash", "2", "deb")}
    assert (bom.image, bom.syscalls) == (NEXT, {Phase.START: ("openat",)})
    assert (report.carried, report.files, report.left_out) == (1, 1, 0)
    assert report.sentence() == "1 of 1 file (100.0% of 4 B) carried over"


def test_a_file_that_has_moved_is_found_by_its_content_and_so_is_the_program_that_it_is() -> None:
    bom, report = carry(
        old(
            touch(Use.EXECUTED, "/usr/bin/python3.11"),
            touch(Use.LISTED, "/app/data"),
            touch(Use.TRAVERSED, "/app/link"),
        ),
        examined(NEW),
    )
    assert used(bom) == {
        "/app/data": [("listed", "/usr/bin/python3.12", "web")],
        "/app/link": [("traversed", "/usr/bin/python3.12", "web")],
        "/usr/bin/python3.12": [("executed", "/usr/bin/python3.12", "web")],
    }
    assert [file.target for file in bom.files if file.path == "/app/link"] == ["elsewhere"]
    assert report.moved == 1
    assert (
        "1 of 1 file (100.0% of 6 B) carried over, 1 of them to another path" in report.sentence()
    )


def test_what_is_gone_changed_or_there_twice_is_left_out_and_listed() -> None:
    paths = ("/app/main.py", "/app/gone.py", "/app/empty", "/app/twice", "/usr/bin/dash")
    bom, report = carry(old(*(touch(Use.OPENED, path) for path in paths)), examined(NEW))
    assert set(used(bom)) == {"/usr/bin/dash"}
    assert (
        report.files,
        report.carried,
        report.bytes,
        report.carried_bytes,
        report.moved,
        report.left_out,
    ) == (5, 1, 17, 4, 0, 4)
    assert report.gone == ("/app/empty", "/app/gone.py", "/app/twice")
    assert report.changed == ("/app/main.py",)
    assert (
        report.sentence()
        == "1 of 5 files (23.5% of 17 B) carried over; 4 are gone or changed, first '/app/empty'"
    )


def test_a_path_of_another_kind_is_not_carried() -> None:
    bom, _ = carry(
        old(touch(Use.LISTED, "/app/data"), touch(Use.OPENED, "/usr/bin/dash")),
        examined({"/app/data": "file", "/usr/bin/dash": Link("sh")}),
    )
    assert bom.files == ()


def test_what_was_looked_for_in_vain_and_is_there_now_is_used() -> None:
    bom, report = carry(
        old(touch(Use.OPENED, "/app/optional.so", 2), touch(Use.OPENED, "/app/never.so", 2)),
        examined(NEW),
    )
    assert used(bom) == {"/app/optional.so": [("looked up", "/usr/bin/python3.11", "web")]}
    assert [missed.path for missed in bom.missed] == ["/app/never.so"]
    assert report.appeared == 1


def test_the_run_is_carried_says_from_where_and_has_no_adequacy() -> None:
    run = replace(RUN, adequacy=0.9)
    (carried,) = carry(old(touch(Use.OPENED, "/app/gone.py"), run=run), examined(NEW))[0].runs
    assert (carried.kind, carried.adequacy, carried.workload) == (RunKind.CARRIED, None, "web")
    note = carried.sensor.notes[-1]
    assert note.startswith(
        f"carried over from wl/app:1 (config {IMAGE.config_digest}): 0 of 1 file (0.0% of 4 B)"
        " carried over"
    )


def test_what_was_explored_does_not_become_work() -> None:
    run = replace(RUN, workload="explore:http", kind=RunKind.EXPLORATION)
    bom, _ = carry(old(touch(Use.EXECUTED, "/usr/bin/dash"), run=run), examined(NEW))
    assert [run.kind for run in bom.runs] == [RunKind.EXPLORATION]
    assert bom.without_exploration().files == ()


def test_it_can_be_written_and_merged_with_a_run_of_the_new_image() -> None:
    bom, _ = carry(old(touch(Use.EXECUTED, "/usr/bin/dash")), examined(NEW))
    fresh = examined(NEW)
    other = attribute(
        Trace(SENSOR, (replace(touch(Use.OPENED, "/usr/bin/dash"), phases=SERVING),), {}, ()),
        fresh.rootfs,
        fresh.inventory,
        NEXT,
        replace(RUN, workload="new"),
    )
    joined = merge([read_rbom(write_rbom(bom)), other])
    assert [(use.use, use.origin) for use in joined.files[0].uses] == [
        (Use.EXECUTED, "web"),
        (Use.OPENED, "new"),
    ]
    assert {run.kind for run in joined.runs} == {RunKind.CARRIED, RunKind.WORKLOAD}


def test_the_rbom_of_this_very_image_is_left_as_it_is() -> None:
    bom = replace(old(touch(Use.OPENED, "/app/gone.py")), image=NEXT)
    same, report = carry(bom, examined(NEW))
    assert same is bom
    assert (report.same_image, report.carried, report.files) == (True, 1, 1)


def test_another_platform_is_refused() -> None:
    bom = replace(
        old(touch(Use.OPENED, "/app/gone.py")), image=replace(IMAGE, platform="linux/arm64")
    )
    with pytest.raises(
        InputError, match="the rbom is of linux/arm64, the image 'wl/app:2' of linux/amd64"
    ):
        carry(bom, examined(NEW))


def test_the_lists_of_a_report_are_bounded() -> None:
    many: dict[str, bytes | str | Link | None] = {f"/app/{i:03}": f"{i:03}" for i in range(50)}
    rootfs = tree(many)
    touches = tuple(touch(Use.OPENED, path) for path in many)
    bom = attribute(Trace(SENSOR, touches, {}, ()), rootfs, scan(rootfs), IMAGE, RUN)
    _, report = carry(bom, examined({"/etc/x": "x"}))
    assert (report.left_out, len(report.gone), report.gone[0]) == (50, 20, "/app/000")
