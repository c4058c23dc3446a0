"""Which RBOM and plan a running image is compared with: its own, its original's, or none."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.rbom import FileUse, RunKind, RuntimeBom, UsedFile
from careen.model.rewriting.other_user import OtherUser
from careen.model.runs.trace import Phase, SensorKind, Use
from careen.pipeline.guarding.basis import Files, basis_of
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination, PlanChoices, Settings, parse_output
from careen.pipeline.run.source import examine, open_source
from careen.pipeline.strip import ApplyRequest, apply
from careen.plan.core.rules import RuleSet
from careen.plan.store import write_plan
from careen.rbom.store import write_rbom
from careen.report.terminal_output.progress import SilentProgress
from careen.rewrite.other_user import with_other_user
from tests.support.boms import BOM, RUN
from tests.support.images import file, layer, oci_layout

CHOICES = PlanChoices(Level.OBSERVED, rules=RuleSet(()))


@dataclasses.dataclass(frozen=True)
class Made:
    """An image, its RBOM and plan, and what was made of it."""

    original: str
    hardened: str
    bom: RuntimeBom
    plan: Plan
    files: Files


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work"), SilentProgress()) as opened:
        yield opened


@pytest.fixture
def made(run: Session, tmp_path: Path) -> Made:
    content = [layer(file("opt/used", "u" * 100), file("opt/unused", "n" * 50))]
    original, hardened = f"oci:{oci_layout(tmp_path / 'image', content)}", f"oci:{tmp_path}/new"
    with open_source(original, run) as opened:
        use = FileUse(Use.OPENED, frozenset({Phase.START}), "/opt/used", "web")
        used = UsedFile(ImagePath("/opt/used"), "file", "0" * 64, 100, "", (), (use,))
        bom = dataclasses.replace(BOM, image=opened.ref, files=(used,))
        plan = make_plan(examine(opened, run), bom, CHOICES)
    (tmp_path / "rbom.json").write_bytes(write_rbom(bom))
    (tmp_path / "plan.json").write_bytes(write_plan(plan))
    apply(
        ApplyRequest(original, Destination(None, (parse_output(hardened),)), plan, None, CHOICES),
        run,
    )
    files = Files(tmp_path / "rbom.json", tmp_path / "plan.json")
    return Made(original, hardened, bom, plan, files)


@pytest.mark.parametrize("which", ["original", "hardened"])
@pytest.mark.parametrize("with_plan", [True, False])
def test_an_image_fits_its_rbom_and_so_does_what_was_made_of_it(
    which: str, with_plan: bool, made: Made, run: Session
) -> None:
    files = made.files if with_plan else Files(made.files.rbom, None)
    with open_source(getattr(made, which), run) as image:
        basis = basis_of(image, [files])
    assert basis.bom.image.config_digest == made.bom.image.config_digest
    assert (basis.plan is not None) is with_plan
    assert basis.notes == ()


@pytest.mark.parametrize("which", ["original", "hardened"])
@pytest.mark.parametrize("with_plan", [True, False])
def test_what_runs_as_another_user_fits_the_rbom_of_what_it_was_made_of(
    which: str, with_plan: bool, made: Made, run: Session, tmp_path: Path
) -> None:
    user = OtherUser(10001, 10001, (), {}, {}, ())
    files = made.files if with_plan else Files(made.files.rbom, None)
    time = "1970-01-01T00:00:00Z"
    with (
        open_source(getattr(made, which), run) as image,
        with_other_user(image, image.rootfs(), user, time, tmp_path) as new,
    ):
        assert basis_of(new, [files]).bom.image == made.bom.image


def test_what_another_plan_made_of_the_same_original_does_not_fit(made: Made, run: Session) -> None:
    assert made.files.plan is not None
    kept = {path: why for path, why in made.plan.keep.items() if path != "/opt/used"}
    gone = {path: why for path, why in made.plan.keep.items() if path == "/opt/used"}
    other = dataclasses.replace(made.plan, keep=kept, remove={**made.plan.remove, **gone})
    made.files.plan.write_bytes(write_plan(other))
    with open_source(made.hardened, run) as image, pytest.raises(InputError, match="made of no"):
        basis_of(image, [made.files])


def test_a_run_whose_sensor_saw_less_than_the_others_is_told(made: Made, run: Session) -> None:
    blind = dataclasses.replace(
        RUN,
        workload="batch",
        sensor=dataclasses.replace(
            RUN.sensor, kind=SensorKind.FANOTIFY, evidence=frozenset({Use.EXECUTED, Use.OPENED})
        ),
    )
    note = (
        "the sensor of some runs of the RBOM (batch) saw less than that of the others: libraries,"
        " endpoints and system calls of those runs may be reported as unknown"
    )
    for runs, notes in (((RUN, blind), (note,)), ((blind,), ()), ((RUN,), ())):
        made.files.rbom.write_bytes(write_rbom(dataclasses.replace(made.bom, runs=runs)))
        with open_source(made.original, run) as image:
            assert basis_of(image, [Files(made.files.rbom, None)]).notes == notes


def test_an_rbom_of_another_image_is_refused_with_both_named(
    made: Made, run: Session, tmp_path: Path
) -> None:
    other = f"oci:{oci_layout(tmp_path / 'other', [layer(file('opt/used', 'other'))])}"
    with open_source(other, run) as image, pytest.raises(InputError) as caught:
        basis_of(image, [made.files, made.files])
    said = str(caught.value)
    assert image.ref.config_digest in said
    assert made.bom.image.config_digest in said
    assert "and 1 more are of others" in said


def test_the_second_is_taken_if_the_first_does_not_fit(
    made: Made, run: Session, tmp_path: Path
) -> None:
    foreign = dataclasses.replace(BOM, files=())
    (tmp_path / "foreign.json").write_bytes(write_rbom(foreign))
    with open_source(made.hardened, run) as image:
        basis = basis_of(image, [Files(tmp_path / "foreign.json", None), made.files])
    assert basis.plan is not None


def test_a_plan_of_another_image_than_the_rbom_is_refused(
    made: Made, run: Session, tmp_path: Path
) -> None:
    (tmp_path / "foreign.json").write_bytes(write_rbom(dataclasses.replace(BOM, files=())))
    with (
        open_source(made.hardened, run) as image,
        pytest.raises(InputError, match=r"plan\.json: is the plan of .*foreign\.json is the RBOM"),
    ):
        basis_of(image, [Files(tmp_path / "foreign.json", made.files.plan)])


@pytest.mark.parametrize("name", ["rbom.json", "plan.json"])
def test_a_file_that_is_cut_off_is_named(
    name: str, made: Made, run: Session, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-40])
    with (
        open_source(made.hardened, run) as image,
        pytest.raises(ConfigError, match=name.replace(".", r"\.")),
    ):
        basis_of(image, [made.files])


def test_a_thin_rbom_is_told(made: Made, run: Session, tmp_path: Path) -> None:
    runs = tuple(
        dataclasses.replace(
            each,
            kind=RunKind.ATTACHED,
            sensor=dataclasses.replace(each.sensor, losses={"ring_full": 1}),
        )
        for each in made.bom.runs
    )
    (tmp_path / "rbom.json").write_bytes(write_rbom(dataclasses.replace(made.bom, runs=runs)))
    with open_source(made.original, run) as image:
        notes = basis_of(image, [made.files]).notes
    assert [note.split(":")[0] for note in notes] == [
        "the RBOM is incomplete",
        "no run of the RBOM saw a start",
    ]
