"""An incident that is cut off, or whose disk is full: the next run goes on, and nothing is lost."""

import contextlib
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError
from careen.model.incident import Fix, IncidentImage, Remedy, Standing
from careen.model.integration import Outcome
from careen.pipeline.incidents.affected import Affected, Exposure
from careen.pipeline.incidents.state import incident_file, read_incident, write_incident
from careen.pipeline.incidents.update import Images, Known
from careen.pipeline.watching.image_list import Watched
from tests.support.tmpfs import mounted
from tests.unit.pipeline.test_incident import CVE, Scene, scene, standings

__all__ = ["scene"]  # the fixture

TAG = "web:1-hardened"
REMOVAL = Remedy(Fix.REMOVE, "nothing was seen to use /x.jar", ("/x.jar",))


class Killed(BaseException):
    """The end of a process, as far as a test can make one without a process."""


class Cut(Scene):
    """A scene that ends at the `at`-th call of what a run does to images, whatever it is."""

    def cut(self, at: int) -> Images:
        calls = itertools.count()

        def counted(function: Any) -> Any:
            def call(*args: Any, **named: Any) -> Any:
                if next(calls) == at:
                    raise Killed
                made = function(*args, **named)
                if next(calls) == at:
                    raise Killed
                return made

            return call

        calls_of = (self.update, self.names, self.known, self.remove)
        return Images(*map(counted, calls_of))


@pytest.fixture
def cut(scene: Scene) -> Cut:
    return Cut(scene.state, scene.listed[:1], means=dict(scene.means))


def removing(cut: Cut) -> None:
    """The image that is fixed by a removal: later, its result does not have the package."""
    known = cut.known

    def now(watched: Watched, image: IncidentImage) -> Known:
        if cut.means[watched.tag] == "sha256:new":
            return Known(Remedy(Fix.NOT_KNOWN, "its last result does not have it"), "not_affected")
        return known(watched, image)

    cut.fixes[TAG] = REMOVAL
    cut.known = now  # type: ignore[method-assign]


@pytest.mark.parametrize("at", range(14))
def test_a_run_that_is_cut_off_anywhere_goes_on(cut: Cut, at: int) -> None:
    removing(cut)
    opened = cut.open(Exposure((Affected(TAG, "present", None, cut.listed[0]),)))
    try:
        cut.run_with(opened, cut.cut(at))
    except Killed:
        pass
    else:
        assert at >= 12, "every call is cut once"
    assert not list(cut.state.rglob(".careen-*"))
    done = cut.run(read_incident(cut.state, CVE))
    (image,) = done.images
    assert (image.standing, image.fix) == (Standing.FIXED, Fix.REMOVE)
    assert image.before == {TAG: "sha256:old"}
    assert image.after == {TAG: "sha256:new"}
    assert cut.removed == {TAG: ("/x.jar",)}


@pytest.mark.parametrize("write", range(3))
def test_a_write_that_is_cut_off_is_made_up_for(
    cut: Cut, write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    removing(cut)
    opened = cut.open(Exposure((Affected(TAG, "present", None, cut.listed[0]),)))
    written = itertools.count()

    def ends(*args: Any) -> None:
        if next(written) == write:
            raise Killed
        write_incident(*args)

    monkeypatch.setattr("careen.pipeline.incidents.run.write_incident", ends)
    with pytest.raises(Killed):
        cut.run(opened)
    done = cut.run(read_incident(cut.state, CVE))
    assert [image.before for image in done.images] == [{TAG: "sha256:old"}]
    assert (standings(done), cut.removed) == ([Standing.FIXED], {TAG: ("/x.jar",)})


def filled(folder: Path) -> Path:
    """Take all room that is left beside a folder; return the file that has it."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
        while True:
            out.write(b"x" * 4096)
    return filler


@pytest.mark.root
def test_a_full_disk_ends_a_run_before_an_image_and_the_next_one_goes_on(
    scene: Scene, tmp_path: Path
) -> None:
    scene.state = tmp_path / "small"
    with mounted(scene.state, "size=64k"):
        opened = scene.open()
        before = incident_file(scene.state, CVE).read_bytes()
        filler = filled(scene.state)
        with pytest.raises(InputError, match=r"No space left on device; .*--state"):
            scene.run(opened)
        assert scene.done == []
        assert incident_file(scene.state, CVE).read_bytes() == before
        assert not list(scene.state.rglob(".careen-*"))
        filler.unlink()
        assert standings(scene.run(read_incident(scene.state, CVE))) == [Standing.FIXED] * 2


@pytest.mark.root
def test_a_disk_that_is_full_after_a_promotion_loses_no_name(scene: Scene, tmp_path: Path) -> None:
    scene.state = tmp_path / "small"
    update = scene.update

    def filling(watched: Watched, *, fixes: tuple[str, ...] = ()) -> Outcome:
        made = update(watched, fixes=fixes)
        filled(scene.state)
        return made

    with mounted(scene.state, "size=64k"):
        images = replace(scene.images, update=filling)
        with pytest.raises(InputError, match="No space left"):
            scene.run_with(scene.open(), images)
        assert scene.means[TAG] == "sha256:new"
        (scene.state / "filler").unlink()
        done = scene.run(read_incident(scene.state, CVE), wave=1)
        assert (done.images[0].standing, done.images[0].before) == (
            Standing.FIXED,
            {TAG: "sha256:old"},
        )
