"""What was stripped before is neither read nor packed again, and comes out the same."""

import dataclasses
import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.model.digest import Digest
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.rbom import FileUse, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.oci.changes.composition import Compositions
from careen.oci.extents import BytesPart, Extents, FilePart, ZeroPart
from careen.oci.image import Image
from careen.oci.manifest import Compression
from careen.oci.write import write_blob
from careen.pipeline import strip
from careen.pipeline.run import layer_packer
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination, PlanChoices, Settings, parse_output
from careen.pipeline.run.source import open_located, open_source
from careen.pipeline.strip import ApplyRequest, apply
from careen.plan.core.rules import RuleSet
from careen.report.terminal_output.progress import SilentProgress
from tests.support.boms import BOM
from tests.support.images import file, layer, oci_layout

CHOICES = PlanChoices(Level.OBSERVED, rules=RuleSet(()))
BELOW = layer(file("lib/used", "u" * 9000), file("lib/gone", "g"))
USED = ("/lib/used", "/app/main")


def image_of(folder: Path, application: str) -> str:
    layers = [BELOW, layer(file("app/main", application), file("app/gone", "g"))]
    oci_layout(folder, layers)
    time.sleep(0.3)  # an image that was written this moment is not remembered
    return f"oci:{folder}"


@contextmanager
def running(tmp_path: Path) -> Iterator[Session]:
    settings = Settings(tmp_path / "work", cache=tmp_path / "cache")
    with session(settings, SilentProgress()) as opened:
        yield opened


def profile(image: str, run: Session) -> RuntimeBom:
    with open_source(image, run) as opened:
        used = tuple(
            UsedFile(
                ImagePath(path),
                "file",
                "0" * 64,
                opened.rootfs()[ImagePath(path)].size,
                str(opened.layers[number].diff_id),
                (),
                (FileUse(Use.OPENED, frozenset({Phase.START}), path, "web"),),
            )
            for number, path in enumerate(USED)
        )
        return dataclasses.replace(BOM, image=opened.ref, files=used)


def stripped(
    image: str,
    name: str,
    tmp_path: Path,
    compression: Compression = Compression.GZIP,
    choices: PlanChoices = CHOICES,
) -> tuple[bytes, Session]:
    """Strip an image in a run of its own; return the result's index and the run."""
    output = parse_output(f"oci:{tmp_path / name}")
    with running(tmp_path) as run:
        bom = profile(image, run)
        destination = Destination(None, (output,), compression=compression)
        apply(ApplyRequest(image, destination, None, bom, choices), run)
    for blob in (tmp_path / name / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    return (tmp_path / name / "index.json").read_bytes(), run


@pytest.fixture
def image(tmp_path: Path) -> str:
    return image_of(tmp_path / "image", "one")


def never(*_: object) -> None:
    raise AssertionError("it was made again")


def test_a_second_strip_opens_nothing(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = stripped(image, "first", tmp_path)
    monkeypatch.setattr(strip, "open_located", never)
    assert stripped(image, "second", tmp_path)[0] == first
    with pytest.raises(AssertionError):
        stripped(image, "zstd", tmp_path, Compression.ZSTD)
    with pytest.raises(AssertionError):
        stripped(
            image, "other", tmp_path, choices=dataclasses.replace(CHOICES, keep=("/lib/gone",))
        )
    with pytest.raises(AssertionError):
        stripped(image_of(tmp_path / "image2", "one"), "elsewhere", tmp_path)


def test_the_result_does_not_share_its_files_with_the_cache(image: str, tmp_path: Path) -> None:
    stripped(image, "first", tmp_path)
    stripped(image, "second", tmp_path)
    for name in ("first", "second"):
        for blob in (tmp_path / name / "blobs" / "sha256").iterdir():
            assert blob.stat().st_nlink == 1
            assert blob.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_cache_is_made_anew(damage: str, image: str, tmp_path: Path) -> None:
    first, _ = stripped(image, "first", tmp_path)
    for blob in (tmp_path / "work" / "blobs").iterdir():
        data = bytearray(blob.read_bytes())
        data[len(data) // 2] ^= 1
        blob.unlink()
        if damage != "remove":
            blob.write_bytes(data if damage == "flip" else data[:-1])
    for entry in (tmp_path / "cache").iterdir():
        if damage == "cut" and not entry.name.startswith("values"):
            entry.write_bytes(entry.read_bytes()[:-1])
    assert stripped(image, "second", tmp_path)[0] == first
    assert stripped(image, "third", tmp_path)[1].reused.images == 1


def test_of_a_new_version_only_the_layer_that_changed_is_packed(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripped(image, "first", tmp_path)
    packed: list[int] = []

    def counted(*words: object) -> tuple[Digest, int]:
        digest, size = write_blob(*words)  # type: ignore[arg-type]
        packed.append(size)
        return digest, size

    monkeypatch.setattr(layer_packer, "write_blob", counted)
    other = image_of(tmp_path / "other", "two")
    known, run = stripped(other, "second", tmp_path)
    assert (len(packed), run.reused.layers) == (1, 1)
    (tmp_path / "fresh").mkdir()
    assert stripped(other, "second", tmp_path / "fresh")[0] == known


def test_what_was_changed_while_it_was_read_speaks_for_nothing(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(*words: object) -> Image:
        made = open_located(*words)  # type: ignore[arg-type]
        made.unchanged = lambda: False
        return made

    monkeypatch.setattr(strip, "open_located", changing)
    stripped(image, "first", tmp_path)
    again = stripped(image, "second", tmp_path)[1]
    assert (again.reused.images, again.reused.layers) == (0, 0)


def test_a_composition_names_bytes_of_verified_layers(image: str, tmp_path: Path) -> None:
    with running(tmp_path) as run, open_source(image, run) as opened:
        names = Compositions(opened.layers)
        (whole,) = opened.layers[0].extents.parts()
        assert isinstance(whole, FilePart)

        def name(*parts: FilePart | BytesPart | ZeroPart) -> str | None:
            return names.name(Extents(parts))

        some = dataclasses.replace(whole, offset=whole.offset + 512, size=512)
        seen = [
            name(whole),
            name(some),
            name(dataclasses.replace(some, size=511)),
            name(dataclasses.replace(some, offset=some.offset + 1)),
            name(BytesPart(b"a"), some),
            name(BytesPart(b"b"), some),
            name(ZeroPart(1), some),
        ]
        assert None not in seen
        assert len(set(seen)) == len(seen)
        assert name(some) == seen[1]
        # What reaches beyond a layer, or is of another file, was not verified.
        assert name(dataclasses.replace(whole, size=whole.size + 1)) is None
        assert name(dataclasses.replace(whole, fd=whole.fd + 1000)) is None


def test_runs_at_the_same_time_share_what_is_known(image: str, tmp_path: Path) -> None:
    names = [f"run-{number}" for number in range(6)]
    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(lambda name: stripped(image, name, tmp_path)[0], names))
    assert len(set(found)) == 1
    assert stripped(image, "after", tmp_path)[1].reused.images == 1


@pytest.mark.parametrize("where", ["work/blobs", "cache"])
def test_a_cache_that_others_can_write_to_is_not_used(
    where: str, image: str, tmp_path: Path
) -> None:
    first, _ = stripped(image, "first", tmp_path)
    (tmp_path / where).chmod(0o777)
    index, run = stripped(image, "second", tmp_path)
    assert index == first
    assert (run.reused.images, run.reused.layers) == (0, 0)


def test_a_result_is_not_remembered_for_an_id_that_may_get_another_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = image_of(tmp_path / "image", "one")
    monkeypatch.setattr(strip, "is_lasting", lambda *_: False)
    monkeypatch.setattr(strip, "note_result", lambda *_: pytest.fail("it is remembered"))
    stripped(image, "out", tmp_path)
