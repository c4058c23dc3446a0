"""The plan of an image that was planned before: it is the same, and no image is opened for it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError, PolicyError
from careen.model.plan import Level
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.image import Image
from careen.pipeline import plan as module
from careen.pipeline.plan import PlanRequest, plan_image
from careen.pipeline.run.planned import PlansOfRbom, totalled
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Below, PlanChoices, ProofChoices, Settings
from careen.pipeline.run.source import Located, examine, open_located, open_source
from careen.rbom.store import read_rbom, write_rbom
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import file, layer, oci_layout
from tests.support.triage import bom, use


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work", cache=tmp_path / "cache"), SilentProgress()) as opened:
        yield opened


@pytest.fixture
def request_(tmp_path: Path, run: Session) -> PlanRequest:
    files = [file("etc/os-release", "ID=debian\n"), file("srv/one", "1"), file("srv/two", "2")]
    oci_layout(tmp_path / "image", [layer(*files)])
    time.sleep(0.3)  # a place counts once its files have settled
    with open_source(f"oci:{tmp_path / 'image'}", run) as opened:
        ref = examine(opened, run).image.ref
    return _of(tmp_path, bom({"/srv/one": use(Use.OPENED)}, image=ref))


def _of(folder: Path, seen: RuntimeBom) -> PlanRequest:
    (folder / "rbom.json").write_bytes(write_rbom(seen))
    return PlanRequest(
        f"oci:{folder / 'image'}",
        folder / "rbom.json",
        PlanChoices(Level.CLOSURE),
        ProofChoices(),
    )


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The images that were opened."""
    names: list[str] = []

    def noted(located: Located, run: Session) -> Image:
        names.append(located.text)
        return open_located(located, run)

    monkeypatch.setattr(module, "open_located", noted)
    return names


def test_the_second_time_no_image_is_opened(
    request_: PlanRequest, run: Session, opened: list[str]
) -> None:
    first = plan_image(request_, run)
    assert plan_image(request_, run) == first
    assert opened == [request_.image]
    assert {share.code for share in first.removed} == {"unused"}


def test_a_plan_that_harden_made_opens_none(
    request_: PlanRequest, run: Session, opened: list[str]
) -> None:
    document, choices = request_.rbom.read_bytes(), request_.choices
    with open_source(request_.image, run) as image:
        examined = examine(image, run)
        made = totalled(make_plan(examined, read_rbom(document), choices), examined.rootfs)
    of_rbom = PlansOfRbom.of(document, choices, run)
    assert of_rbom is not None
    of_rbom.remember(made)
    assert plan_image(request_, run) == made
    assert opened == []


def test_other_choices_and_another_rbom_open_it(
    request_: PlanRequest, run: Session, opened: list[str], tmp_path: Path
) -> None:
    plan_image(request_, run)
    kept = plan_image(replace(request_, choices=PlanChoices(keep=("/srv/two",))), run)
    assert "/srv/two" in kept.plan.keep
    seen = bom({"/srv/two": use(Use.OPENED)}, image=kept.plan.image)
    plan_image(_of(tmp_path, seen), run)
    assert len(opened) == 3


def test_an_image_that_changed_is_opened(
    request_: PlanRequest, run: Session, tmp_path: Path
) -> None:
    plan_image(request_, run)
    oci_layout(tmp_path / "image", [layer(file("srv/one", "3"))])
    with pytest.raises(InputError, match="another image"):
        plan_image(request_, run)


def test_damaged_entries_are_made_anew(
    request_: PlanRequest, run: Session, opened: list[str], tmp_path: Path
) -> None:
    first = plan_image(request_, run)
    for damage in (b"damaged", b"{}", b'{"rbom": 1}'):
        for entry in (tmp_path / "cache").iterdir():
            entry.write_bytes(damage)
        assert plan_image(request_, run) == first
    assert len(opened) == 4


def test_an_rbom_that_is_none_is_refused_before_the_image_is_opened(
    request_: PlanRequest, run: Session, opened: list[str]
) -> None:
    request_.rbom.write_bytes(b"{")
    with pytest.raises(ConfigError, match=r"rbom\.json"):
        plan_image(request_, run)
    assert opened == []


def test_a_low_adequacy_is_refused_the_second_time_too(request_: PlanRequest, run: Session) -> None:
    plan_image(request_, run)
    strict = replace(request_, proof=ProofChoices(minimum=0.9, below=Below.REFUSE))
    with pytest.raises(PolicyError):
        plan_image(strict, run)
