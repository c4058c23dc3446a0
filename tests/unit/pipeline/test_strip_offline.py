"""Strip, compare and explain an image in a file: nothing is run, and no engine is needed."""

import dataclasses
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.errors import ConfigError, ImageError, InputError, ToolError, VerificationError
from careen.model.explanation import Decision
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.rbom import FileUse, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.model.verdict import Verdict
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import parse_reference
from careen.pipeline.diff import diff
from careen.pipeline.proof import inspected
from careen.pipeline.proof.verify import Candidate, inspect_candidate
from careen.pipeline.run import outputs
from careen.pipeline.run.outputs import staged_output
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination, PlanChoices, Settings, parse_output
from careen.pipeline.run.source import examine, open_source
from careen.pipeline.strip import ApplyRequest, apply
from careen.pipeline.why.evidence import Evidence
from careen.pipeline.why.path import why
from careen.plan.core.rules import RuleSet
from careen.plan.store import write_plan
from careen.rbom.store import write_rbom
from careen.report.terminal_output.progress import SilentProgress
from tests.support.boms import BOM
from tests.support.images import directory, file, layer, oci_layout

LAYERS = [
    layer(
        directory("etc"),
        file("etc/os-release", "ID=debian\n"),
        directory("opt"),
        file("opt/used", "u" * 100),
        file("opt/unused", "n" * 5000),
    )
]
CHOICES = PlanChoices(Level.OBSERVED, rules=RuleSet(()))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    with session(Settings(tmp_path / "work"), SilentProgress()) as opened:
        yield opened


@pytest.fixture
def image(tmp_path: Path) -> str:
    return f"oci:{oci_layout(tmp_path / 'image', LAYERS)}"


def profile(image: str, run: Session) -> RuntimeBom:
    """Return an RBOM of the image in which only one file was used."""
    with open_source(image, run) as opened:
        used = UsedFile(
            ImagePath("/opt/used"),
            "file",
            "0" * 64,
            100,
            str(opened.layers[0].diff_id),
            (),
            (FileUse(Use.OPENED, frozenset({Phase.START}), "/opt/used", "web"),),
        )
        return dataclasses.replace(BOM, image=opened.ref, files=(used,))


def planned(image: str, run: Session) -> Plan:
    with open_source(image, run) as opened:
        return make_plan(examine(opened, run), profile(image, run), CHOICES)


def request(image: str, output: str, plan: Plan | None, bom: RuntimeBom | None) -> ApplyRequest:
    return ApplyRequest(image, Destination(None, (parse_output(output),)), plan, bom, CHOICES)


def paths(name: str, tmp_path: Path) -> set[str]:
    reference = parse_reference(name)
    with open_image(reference, None, tmp_path) as opened:  # type: ignore[arg-type]
        return {entry.path for entry in opened.rootfs() if entry.is_file}


@pytest.mark.parametrize("form", ["docker-archive:{}/new.tar", "oci:{}/new:tag"])
@pytest.mark.parametrize("by_plan", [True, False])
def test_a_plan_or_an_rbom_makes_the_same_image(
    form: str, by_plan: bool, image: str, run: Session, tmp_path: Path
) -> None:
    output = form.format(tmp_path)
    plan = planned(image, run) if by_plan else None
    bom = None if by_plan else profile(image, run)
    applied = apply(request(image, output, plan, bom), run)
    assert applied.places == (output,)
    assert paths(output, tmp_path) == {"/opt/used"}
    assert paths(image, tmp_path) == {"/etc/os-release", "/opt/used", "/opt/unused"}
    assert (applied.original.files, applied.result.files) == (3, 1)
    assert applied.result.size_bytes < applied.original.size_bytes


def test_a_plan_of_another_image_makes_nothing(image: str, run: Session, tmp_path: Path) -> None:
    plan = planned(image, run)
    other = f"oci:{oci_layout(tmp_path / 'other', [layer(file('opt/used', 'other'))])}"
    with pytest.raises(InputError, match=r"the plan is of another image: oci:.*/image "):
        apply(request(other, f"oci:{tmp_path}/new", plan, None), run)
    with pytest.raises(InputError, match="nothing to apply: give a plan, or an RBOM"):
        apply(request(image, f"oci:{tmp_path}/new", None, None), run)
    assert not (tmp_path / "new").exists()


def test_bytes_that_are_not_as_planned_are_not_promoted(
    image: str, run: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(image, run)

    def other_plan(candidate: Candidate, opened: Session) -> Verdict:
        kept = {path: why for path, why in plan.keep.items() if path != "/opt/used"}
        less = dataclasses.replace(plan, keep=kept)
        return inspect_candidate(dataclasses.replace(candidate, plan=less), opened)

    monkeypatch.setattr(inspected, "inspect_candidate", other_plan)
    with pytest.raises(VerificationError, match=r"nothing was promoted: .*/opt/used"):
        apply(request(image, f"oci:{tmp_path}/new", plan, None), run)
    assert {path.name for path in tmp_path.iterdir()} == {"image", "work"}


def opened(image: str, run: Session) -> Image:
    return open_source(image, run)


def test_an_output_that_is_not_moved_leaves_nothing(
    image: str, run: Session, tmp_path: Path
) -> None:
    for form in ("docker-archive:{}/new.tar", "oci:{}/new"):
        output = parse_output(form.format(tmp_path))
        with opened(image, run) as made:
            with staged_output(made, output, run.space):
                assert len(list(tmp_path.glob(".new*.partial"))) == 1
                assert not output.path.exists()
            with pytest.raises(KeyboardInterrupt), staged_output(made, output, run.space):
                raise KeyboardInterrupt
    assert {path.name for path in tmp_path.iterdir()} == {"image", "work"}


DOCKER, OCI = "io.containerd.image.name", "org.opencontainers.image.ref.name"


@pytest.mark.parametrize(
    ("form", "tags", "names"),
    [
        # docker refuses a name without a tag: `invalid tag "app"`
        (
            "docker-archive:{}:app",
            ["app:latest"],
            {DOCKER: "docker.io/library/app:latest", OCI: "latest"},
        ),
        (
            "docker-archive:{}:r.example/app:1",
            ["r.example/app:1"],
            {DOCKER: "r.example/app:1", OCI: "1"},
        ),
        # skopeo looks for just this text
        ("oci-archive:{}:v1", None, {OCI: "v1"}),
        (
            "oci-archive:{}:r.example/app:1",
            ["r.example/app:1"],
            {DOCKER: "r.example/app:1", OCI: "r.example/app:1"},
        ),
        ("oci-archive:{}", None, {}),
    ],
)
def test_an_archive_has_the_name_by_which_other_tools_look_for_it(
    form: str,
    tags: list[str] | None,
    names: dict[str, str],
    image: str,
    run: Session,
    tmp_path: Path,
) -> None:
    text = form.format(tmp_path / "new.tar")
    with opened(image, run) as made, staged_output(made, parse_output(text), run.space) as move:
        move()
    with tarfile.open(tmp_path / "new.tar") as tar:
        saved, index = (
            json.load(found)
            for name in ("manifest.json", "index.json")
            if (found := tar.extractfile(name)) is not None
        )
    assert saved[0]["RepoTags"] == tags
    assert index["manifests"][0].get("annotations", {}) == names
    opened(text, run).close()


@pytest.mark.parametrize("form", ["docker-archive:{}/new.tar", "oci:{}/new"])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    form: str, image: str, run: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = parse_output(form.format(tmp_path))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("write_docker_archive", "write_oci_layout"):
        monkeypatch.setattr(outputs, name, full)
    with (
        opened(image, run) as made,
        pytest.raises(ToolError, match=r"^writing '.*new.*': No space left on device$"),
        staged_output(made, output, run.space),
    ):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"image", "work"}


def test_a_second_image_goes_into_a_layout_beside_the_first(
    image: str, run: Session, tmp_path: Path
) -> None:
    plan = planned(image, run)
    apply(request(image, f"oci:{tmp_path}/both:one", plan, None), run)
    apply(request(image, f"oci:{tmp_path}/both:two", plan, None), run)
    assert paths(f"oci:{tmp_path}/both:one", tmp_path) == {"/opt/used"}
    assert paths(f"oci:{tmp_path}/both:two", tmp_path) == {"/opt/used"}


def test_an_archive_that_exists_is_replaced(image: str, run: Session, tmp_path: Path) -> None:
    (tmp_path / "new.tar").write_text("old")
    apply(request(image, f"docker-archive:{tmp_path}/new.tar", planned(image, run), None), run)
    assert paths(f"docker-archive:{tmp_path}/new.tar", tmp_path) == {"/opt/used"}


def test_two_images_are_compared_by_their_files(image: str, run: Session, tmp_path: Path) -> None:
    other = [layer(file("opt/used", "v" * 100), file("opt/more", "m"))]
    found = diff(image, f"oci:{oci_layout(tmp_path / 'other', other)}", run)
    assert {str(each.path) for each in found.files} >= {
        "/opt/used",
        "/opt/unused",
        "/opt/more",
        "/etc/os-release",
    }
    assert (found.files_before, found.files_after) == (3, 2)
    assert not found.same
    assert diff(image, image, run).same


@pytest.fixture
def evidence(image: str, run: Session, tmp_path: Path) -> Evidence:
    (tmp_path / "plan.json").write_bytes(write_plan(planned(image, run)))
    (tmp_path / "rbom.json").write_bytes(write_rbom(profile(image, run)))
    return Evidence(tmp_path / "plan.json", tmp_path / "rbom.json")


def test_a_path_is_explained_by_its_plan(image: str, evidence: Evidence, run: Session) -> None:
    kept = why(image, "//opt/./used", [evidence], run)
    assert (kept.path, kept.decision, kept.size) == ("/opt/used", Decision.KEEP, 100)
    assert [use.use for use in kept.uses] == [Use.OPENED]
    gone = why(image, "/opt/unused", [evidence], run)
    assert (gone.decision, gone.size) == (Decision.REMOVE, 5000)
    with pytest.raises(InputError, match="/opt/never"):
        why(image, "/opt/never", [evidence], run)


def test_a_glob_is_answered_with_a_path_that_it_matches(
    image: str, evidence: Evidence, run: Session
) -> None:
    with pytest.raises(InputError) as caught:
        why(image, "/opt/*used", [evidence], run)
    assert str(caught.value) == (
        "'/opt/*used' is a glob, and `careen why` explains one path: 2 paths match, 1 of them kept;"
        " name one, such as /opt/unused"
    )
    for glob in ("/opt/x*", "/opt/[", "/opt/[z-a]"):
        with pytest.raises(InputError, match="no path of the image is or matches"):
            why(image, glob, [evidence], run)


def test_evidence_of_another_image_or_another_rbom_is_refused(
    image: str, evidence: Evidence, run: Session, tmp_path: Path
) -> None:
    other = f"oci:{oci_layout(tmp_path / 'other', [layer(file('opt/used', 'other'))])}"
    with pytest.raises(InputError, match=r"is the plan of another image .*\(and 1 more\); name"):
        why(other, "/opt/used", [evidence, evidence], run)
    changed = dataclasses.replace(profile(image, run), files=())
    evidence.rbom.write_bytes(write_rbom(changed))
    with pytest.raises(InputError, match=r"rbom\.json: is not the rbom that .*plan\.json was made"):
        why(image, "/opt/used", [evidence], run)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 10_000])
def test_evidence_that_cannot_be_read_is_named(
    data: bytes, image: str, evidence: Evidence, run: Session
) -> None:
    evidence.plan.write_bytes(data)
    with pytest.raises(ConfigError, match=r"plan\.json: "):
        why(image, "/opt/used", [evidence], run)


def test_an_image_that_changed_under_the_command_is_refused(
    image: str, run: Session, tmp_path: Path
) -> None:
    """The layer's bytes are read again when the result is written."""
    plan = planned(image, run)
    blobs = tmp_path / "image" / "blobs" / "sha256"
    for blob in blobs.iterdir():
        data = bytearray(blob.read_bytes())
        data[len(data) // 2] ^= 1
        blob.write_bytes(data)
    with pytest.raises(ImageError, match="does not match its digest"):
        apply(request(image, f"oci:{tmp_path}/new", plan, None), run)
    assert not (tmp_path / "new").exists()
