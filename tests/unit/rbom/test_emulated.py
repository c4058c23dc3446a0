"""RBOMs of runs under an emulator: loaded code is derived, system calls are unknown."""

import json
from dataclasses import replace

import pytest

from careen.errors import ConfigError
from careen.inventory.scan import scan
from careen.model.machines import program_header
from careen.model.rbom import ImageRef, RuntimeBom
from careen.model.runs.trace import Phase, SensorInfo, Touch, Trace, Use
from careen.rbom.attribute import attribute
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.merge import merge
from careen.rbom.store import read_rbom, write_rbom
from tests.support.boms import BOM, IMAGE, RUN, SENSOR, START
from tests.support.trees import Exec, tree

ARM, AMD, HALF = (program_header(each) or b"" for each in ("arm64", "amd64", "386"))
ROOTFS = tree(
    {
        "/usr/bin/app": Exec(ARM + b"app"),
        "/usr/lib/libc.so.6": ARM + b"libc",
        "/usr/lib/other.so": AMD + b"of this machine",
        "/usr/lib/half.so": HALF,
        "/usr/share/data.txt": "data",
        "/usr/share/short": "x",
    }
)
EMULATED = replace(SENSOR, emulated=True)
ARM_IMAGE = replace(IMAGE, platform="linux/arm64/v8")


def opened(path: str) -> Touch:
    return Touch(Use.OPENED, path, "/", path, True, 0, START, "/usr/bin/app")


def seen(sensor: object = EMULATED, image: ImageRef = ARM_IMAGE) -> RuntimeBom:
    touches = tuple(opened(entry.path) for entry in ROOTFS if entry.is_file)
    run = replace(RUN, sensor=sensor)  # type: ignore[arg-type]
    trace = Trace(run.sensor, touches, {}, (), mounts=("/proc",))
    return attribute(trace, ROOTFS, scan(ROOTFS), image, run)


def mapped(bom: RuntimeBom) -> list[str]:
    return [file.path for file in bom.files if any(use.use is Use.MAPPED for use in file.uses)]


def test_opened_code_of_another_machine_is_loaded() -> None:
    assert mapped(seen()) == ["/usr/bin/app", "/usr/lib/half.so", "/usr/lib/libc.so.6"]
    assert mapped(seen(SENSOR)) == []
    on_arm = replace(EMULATED, architecture="aarch64")
    assert mapped(seen(on_arm)) == ["/usr/lib/half.so", "/usr/lib/other.so"]


def test_what_the_image_says_of_its_platform_does_not_count() -> None:
    assert mapped(seen(image=replace(IMAGE, platform="linux/amd64"))) == mapped(seen())


@pytest.mark.parametrize(
    ("path", "sensor", "noted"),
    [
        ("/usr/bin/app", SENSOR, True),
        ("/usr/lib/other.so", SENSOR, False),
        ("/usr/lib/half.so", SENSOR, False),
        ("/usr/share/short", SENSOR, False),
        ("/usr/bin/app", EMULATED, False),
        ("/usr/bin/app", replace(SENSOR, architecture="aarch64"), False),
    ],
)
def test_a_program_of_another_machine_that_ran_without_a_mark_is_told(
    path: str, sensor: SensorInfo, *, noted: bool
) -> None:
    ran = Touch(Use.EXECUTED, path, "/", path, True, 0, START, "")
    run = replace(RUN, sensor=sensor)
    trace = Trace(sensor, (ran,), {}, (), mounts=("/proc",))
    (found,) = attribute(trace, ROOTFS, scan(ROOTFS), ARM_IMAGE, run).runs
    notes = found.sensor.notes[len(sensor.notes) :]
    assert [note.partition(" and was")[0] for note in notes] == (
        ["'/usr/bin/app' is a program of arm64"] if noted else []
    )


def test_unknown_system_calls_are_not_none() -> None:
    bom = seen()
    document = json.loads(write_rbom(bom))
    assert document["syscalls"] is None
    assert document["runs"][0]["sensor"]["emulated"] is True
    assert read_rbom(write_rbom(bom)) == bom
    assert bom.syscalls_unknown
    properties = json.loads(to_cyclonedx(bom))["metadata"]["properties"]
    assert {"name": "careen:syscalls", "value": "unknown"} in properties
    assert {"name": "careen:run:0:emulated", "value": "true"} in properties


def test_a_native_run_beside_it_keeps_its_system_calls() -> None:
    native = replace(BOM, image=IMAGE)
    run = replace(RUN, workload="slow", sensor=EMULATED)
    both = merge((native, replace(BOM, runs=(run,), syscalls={}, files=(), missed=())))
    assert both.emulated
    assert both.syscalls == native.syscalls
    assert Phase.START in both.syscalls


def test_documents_of_native_runs_are_as_before() -> None:
    document = json.loads(write_rbom(BOM))
    assert "emulated" not in document["runs"][0]["sensor"]
    assert document["syscalls"] == {"start": ["mmap", "openat"], "serving": ["accept4"]}


@pytest.mark.parametrize("value", [False, 1, "true", None])
def test_emulated_is_true_or_absent(value: object) -> None:
    document = json.loads(write_rbom(BOM))
    document["runs"][0]["sensor"]["emulated"] = value
    with pytest.raises(ConfigError, match=r"runs\[0\].sensor.emulated: expected true"):
        read_rbom(json.dumps(document).encode())
