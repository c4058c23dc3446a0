"""Indexes and wishes that `careen harden` refuses before it works on a platform."""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, InputError
from careen.model.patching import PatchChoices
from careen.oci.reference import OciLayout
from careen.oci.select import host_platform
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.platforms.checks import check_kept, check_stated
from careen.pipeline.platforms.choice import PlatformChoice, Unrunnable, choose_parts
from careen.pipeline.platforms.harden import harden_platforms
from careen.pipeline.platforms.source import open_index
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination, PlanChoices, Settings
from careen.pipeline.upgrading.options import PatchOptions
from careen.report.terminal_output.progress import SilentProgress
from careen.triage.conditions import parse_conditions
from tests.support.images import MEDIA, file, finish, layer, put, put_image
from tests.support.platform_index import platform_index

HOST = host_platform().architecture
OTHER = "s390x"
LAYER = layer(file("etc/name", "x"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("careen.pipeline.platforms.harden.handlers", lambda: ())
    with session(Settings(tmp_path / "work"), SilentProgress()) as opened:
        yield opened


def index(path: Path, *stated: tuple[dict[str, str], str]) -> str:
    """Write an index of images: what the index states, and what the configuration does."""
    images = [
        put_image(
            path,
            [LAYER],
            config={"architecture": own},
            platform={"os": "linux", **platform},
        )
        for platform, own in stated
    ]
    document = {"schemaVersion": 2, "manifests": images}
    finish(path, [put(path, json.dumps(document).encode(), MEDIA + "index.v1+json")])
    return f"oci:{path}"


def request(image: str, folder: Path, **more: Any) -> HardenRequest:
    destination = Destination(outputs=(OciLayout(folder / "new", "1"),))
    return HardenRequest(image, (), PlanChoices(), destination, folder / "report", **more)


def parts_of(image: str, choice: PlatformChoice, run: Session) -> None:
    with open_index(image, run) as source:
        parts, _ = choose_parts(source.images(), choice, (), image)
        check_stated(source, parts)
        check_kept(source, parts)


def test_an_image_that_runs_is_for_the_platform_that_the_index_says(
    tmp_path: Path, run: Session
) -> None:
    image = index(tmp_path / "index", ({"architecture": HOST}, OTHER))
    words = rf"the index says linux/{HOST}, the image says 'linux/{OTHER}'; correct the index"
    with pytest.raises(InputError, match=words):
        harden_platforms(request(image, tmp_path), PlatformChoice(), run)
    assert not (tmp_path / "report").exists()


def test_so_is_one_that_is_derived_and_a_kept_one_stays_as_it_is(
    tmp_path: Path, run: Session
) -> None:
    image = index(
        tmp_path / "index", ({"architecture": HOST}, HOST), ({"architecture": OTHER}, HOST)
    )
    derived = PlatformChoice((), Unrunnable.DERIVE)
    with pytest.raises(InputError, match=rf"index says linux/{OTHER}, the image says"):
        harden_platforms(request(image, tmp_path), derived, run)
    parts_of(image, PlatformChoice((), Unrunnable.KEEP), run)


def test_a_configuration_need_not_state_the_variant(tmp_path: Path, run: Session) -> None:
    image = index(tmp_path / "index", ({"architecture": HOST, "variant": "v8"}, HOST))
    parts_of(image, PlatformChoice(), run)


def test_a_kept_platform_that_cannot_be_copied_is_refused_before_any_work(
    tmp_path: Path, run: Session
) -> None:
    images = {HOST: LAYER, OTHER: LAYER}
    layout = platform_index(tmp_path / "index", images, artifacts=True)
    choice = PlatformChoice((), Unrunnable.KEEP)
    parts_of(f"oci:{layout}:1", choice, run)
    with open_index(f"oci:{layout}:1", run) as source:
        kept = source.listing.images[1]
        (about,) = source.listing.about(kept.digest)
    statement = json.loads((layout / "blobs" / "sha256" / about.digest.hex).read_text())
    lost = statement["layers"][0]["digest"]
    (layout / "blobs" / "sha256" / lost.partition(":")[2]).unlink()
    with pytest.raises(ImageError, match=rf"manifest {about.digest}: the blob {lost} of \d+ bytes"):
        harden_platforms(request(f"oci:{layout}:1", tmp_path), choice, run)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("way", [Unrunnable.KEEP, Unrunnable.DERIVE])
@pytest.mark.parametrize(
    ("option", "wish"),
    [
        (
            "--fail-on",
            {"judgement": FindingPolicy(fail_on=parse_conditions("critical", "--fail-on"))},
        ),
        ("--patch", {"patch": PatchOptions(PatchChoices())}),
    ],
)
def test_what_a_run_alone_can_meet_needs_every_platform_to_be_run(
    tmp_path: Path, run: Session, way: Unrunnable, option: str, wish: dict[str, Any]
) -> None:
    image = index(
        tmp_path / "index", ({"architecture": HOST}, HOST), ({"architecture": OTHER}, OTHER)
    )
    words = rf"{option} needs every platform to be run: linux/{OTHER} cannot .*; leave it out of"
    with pytest.raises(InputError, match=words):
        harden_platforms(request(image, tmp_path, **wish), PlatformChoice((), way), run)
    assert not (tmp_path / "report").exists()


def test_two_platforms_with_one_folder_for_their_reports_are_refused(
    tmp_path: Path, run: Session
) -> None:
    # `linux/arm/v7` has the folder of a platform that is called so.
    image = index(
        tmp_path / "index",
        ({"architecture": HOST}, HOST),
        ({"architecture": "arm", "variant": "v9"}, "arm"),
        ({"architecture": "arm-v9"}, "arm-v9"),
    )
    with pytest.raises(InputError, match=r"linux/arm/v9 and linux/arm-v9 .* linux-arm-v9; leave"):
        harden_platforms(request(image, tmp_path), PlatformChoice((), Unrunnable.KEEP), run)


def test_reports_of_an_earlier_run_are_cleared_before_any_work(
    tmp_path: Path, run: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = index(
        tmp_path / "index", ({"architecture": HOST}, HOST), ({"architecture": OTHER}, OTHER)
    )
    old = [tmp_path / "report" / f"linux-{each}" / "summary.json" for each in (HOST, OTHER)]
    for path in old:
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    (old[0].parent / "notes.txt").write_text("the user's")

    def stop(*_: object) -> Any:
        raise InputError("stopped")

    monkeypatch.setattr("careen.pipeline.platforms.harden.run_part", stop)
    with pytest.raises(InputError, match="stopped"):
        harden_platforms(request(image, tmp_path), PlatformChoice((), Unrunnable.KEEP), run)
    assert [path.exists() for path in old] == [False, False]
    assert (old[0].parent / "notes.txt").exists()
