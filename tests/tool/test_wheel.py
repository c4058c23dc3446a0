"""The wheel as a user gets it: what is in it, and that it works without the checkout."""

import os
import platform
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

import careen
from careen.tools.process import Finished, check, run

pytestmark = pytest.mark.clang

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    check(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(out),
            str(CHECKOUT),
        ],
        timeout=300,
        doing="building the wheel",
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a folder; what it depends on comes from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    argv = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        "--target",
        str(folder),
        str(wheel),
    ]
    check(argv, timeout=120, doing="installing the wheel")
    return folder


def careen_from(installed: Path, *args: str) -> Finished:
    program = "import sys; from careen.cli.main import main; sys.argv[0] = 'careen'; main()"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")} | {
        "PYTHONPATH": str(installed)
    }
    return run([sys.executable, "-c", program, *args], timeout=120, env=env, cwd=str(installed))


def test_it_carries_its_programs_the_rules_and_its_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        sensor = f"careen/sensor/bin/{platform.machine()}/careen-sensor"
        assert archive.read(sensor)[:4] == b"\x7fELF"
        assert archive.getinfo(sensor).external_attr >> 16 & 0o111, "the sensor is not executable"
        assert archive.read(f"careen/engines/bin/{platform.machine()}/hold")[:4] == b"\x7fELF"
        assert archive.read(f"careen/policy/bin/{platform.machine()}/probe")[:4] == b"\x7fELF"
    assert "careen/py.typed" in names
    assert [
        name for name in names if name.startswith("careen/plan/rules/") and name.endswith(".toml")
    ]


@pytest.mark.qemu
def test_one_for_arm64_has_programs_for_arm64(tmp_path: Path) -> None:
    words = [*(sys.executable, "-m", "build", "--wheel", "--no-isolation"), "--outdir"]
    env = {**os.environ, "CAREEN_WHEEL_FOR": "aarch64"}
    done = run([*words, str(tmp_path), str(CHECKOUT)], timeout=300, env=env)
    assert done.status == 0, done.complaint
    (built,) = tmp_path.glob("*-manylinux_2_17_aarch64.whl")
    with zipfile.ZipFile(built) as archive:
        programs = [name for name in archive.namelist() if "/bin/" in name]
        machines = {archive.read(name)[:4] + archive.read(name)[18:20] for name in programs}
    assert sorted(programs) == [
        "careen/engines/bin/aarch64/hold",
        "careen/policy/bin/aarch64/probe",
        "careen/sensor/bin/aarch64/careen-sensor",
    ]
    assert machines == {b"\x7fELF\xb7\x00"}  # EM_AARCH64


def test_it_carries_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert tops == {"careen", f"careen-{careen.__version__}.dist-info"}


def test_it_is_for_this_architecture_and_any_python(wheel: Path) -> None:
    _, version, python, abi, machine = wheel.stem.split("-")
    assert (version, python, abi) == (careen.__version__, "py3", "none")
    # one fact
    assert machine.startswith(("linux_", "manylinux")) and machine.endswith(platform.machine())  # noqa: PT018


def test_it_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        head = HeaderParser().parsestr(archive.read(name).decode())
        (points,) = (
            archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith("entry_points.txt")
        )
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert (head["Name"], head["License-Expression"]) == ("careen", "Apache-2.0")
    assert "careen = careen.cli.main:main" in points


def test_it_runs_without_the_checkout(installed: Path) -> None:
    done = careen_from(installed, "--version")
    assert (done.status, careen.__version__ in done.text) == (0, True), done.complaint


@pytest.mark.bpf
def test_doctor_finds_the_sensor_of_the_wheel(installed: Path) -> None:
    done = careen_from(installed, "doctor")
    assert done.status == 0, done.complaint
    assert "ebpf" in done.text.lower()
