"""The import sweep in a small image with a Python: what it reaches, what the sensor sees of it, and
what it says of an image that lacks something.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.explore.imports import import_experiment, plan_sweep, repeated
from careen.model.runs.exploration import Effort, Explored
from careen.model.runs.trace import Use
from careen.model.runs.workload import Limits, ReadyExit, Workload
from careen.pipeline.profiling.experiment_run import Ground, run_experiment
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import make_profile, run_original, runnable
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.report.terminal_output.progress import SilentProgress
from tests.support import mechanism_image
from tests.support.mechanism_image import PYTHON, SITE, build_image

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.runc]

JOB = Workload("job", ReadyExit(), limits=Limits(test=60, stop=5))


@contextmanager
def opened(archive: Path, run: Session) -> Iterator[Examined]:
    image = open_source(f"docker-archive:{archive}", run)
    try:
        yield examine(image, run)
    finally:
        image.close()


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The image, and one without a module that the application imports late."""
    monkeypatch.setattr(
        mechanism_image, "_EXTENSIONS", (*mechanism_image._EXTENSIONS, "binascii", "select")
    )
    monkeypatch.setattr(mechanism_image, "_FOLDERS", (*mechanism_image._FOLDERS, "json"))
    whole = build_image(tmp_path / "whole.tar", tmp_path)
    monkeypatch.setattr(
        mechanism_image,
        "_DISTS",
        {**mechanism_image._DISTS, "lazydist": {"lazydist/__init__.py": ""}},
    )
    return whole, build_image(tmp_path / "less.tar", tmp_path)


def statuses(explored: Explored) -> dict[str, tuple[int | None, str]]:
    return {
        answer.id.removeprefix("import "): (answer.status, answer.note)
        for answer in explored.answers
    }


def test_what_the_application_imports_late_is_found_and_missed(
    images: tuple[Path, Path], tmp_path: Path
) -> None:
    with (
        session(Settings(tmp_path / "work", engine="embedded"), SilentProgress()) as run,
        opened(images[0], run) as whole,
        opened(images[1], run) as less,
    ):
        with runnable(whole, run) as prepared:
            profile = make_profile(
                whole, run_original(Subject(prepared, whole.image.config, None), (JOB,), run), run
            )
            sweep = plan_sweep(
                whole.rootfs, whole.inventory, profile.bom, whole.image.config, Effort.SAFE
            )
            assert sweep is not None
            assert sweep.interpreter == f"/usr/local/bin/{PYTHON}"
            seen = run_experiment(
                import_experiment(sweep, JOB, Effort.SAFE),
                Ground(prepared, whole.image.config, None),
                run,
            )
        experiment, seen = repeated(sweep, seen, JOB, Effort.SAFE)
        with runnable(less, run) as prepared:
            after = run_experiment(experiment, Ground(prepared, less.image.config, None), run)
    assert seen.exit_code == after.exit_code == 0
    assert statuses(seen)["lazydist.late"] == statuses(seen)["lazydist"] == (0, "")
    assert "hiddendist.late" not in statuses(
        seen
    )  # a compiled module imports it, and no source says so
    assert statuses(after) == {
        **statuses(seen),
        "lazydist.late": (1, "ModuleNotFoundError: No module named 'lazydist.late'"),
    }
    assert seen.trace is not None
    assert seen.trace.sensor.complete
    opened_paths = {
        touch.resolved or touch.given
        for touch in seen.trace.touches
        if touch.use is Use.OPENED and not touch.errno
    }
    assert f"/{SITE}/lazydist/late.py" in opened_paths
    late = next(answer for answer in seen.answers if answer.id == "import lazydist.late")
    assert seen.begun <= late.begun <= seen.begun + seen.seconds
