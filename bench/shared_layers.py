"""What a node pulls of each of six successive versions of a hardened image, by how its layers are
cut.

    python -m bench.shared_layers [--image NAME …] [--test CMD] [--keep] [--json FILE]

Without --image it builds the versions of the embedding workload (bench/_versions.py) from scratch.
Each is profiled and planned by itself, as a user would, then cut in each way in this process. A
node has the version before. It pulls the layers that it lacks: by their digests (containerd,
podman, CRI-O), or by their whole chain (docker's classic store), which ends at the first layer that
differs. Bytes are those of gzip blobs, as an OCI layout has them; manifest and config come on top
(some 20 kB).

The original image, the hardened image as one layer, `--layers original` and `--layers shared` are
compared, and `shared` again with a plan like the version before (`--like`). The cut's own time is
printed, too.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench import _versions
from bench._embed import IMAGE, default_test, profile_words
from bench._measured import measured
from bench._room import room
from careen.model.paths import ImagePath
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.model.runs.meter import Meter
from careen.oci.changes.append import squash_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.compress import packed
from careen.oci.image import Image, Layer
from careen.oci.manifest import Compression
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.stripping import make_stripped
from careen.plan.as_before import Previous
from careen.rbom.store import load_rbom
from careen.report.terminal_output.progress import SilentProgress

LIMIT = 1800.0
NEEDED = 8 << 30
ITSELF, SINGLE = "the image itself", "single layer"
ORIGINAL, SHARED, LIKE = "--layers original", "--layers shared", "--like"


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of one image, lowest first: diff IDs and bytes of their gzip blobs."""

    layers: tuple[tuple[str, int], ...]
    seconds: float

    def pulled(self, before: "Layers") -> tuple[int, int]:
        """Return the bytes that a node pulls that has `before`: by digest, and by chain."""
        there = {diff_id for diff_id, _ in before.layers}
        by_digest = sum(size for diff_id, size in self.layers if diff_id not in there)
        same = 0
        while (
            same < min(len(self.layers), len(before.layers))
            and self.layers[same][0] == before.layers[same][0]
        ):
            same += 1
        return by_digest, sum(size for _, size in self.layers[same:])


class Sizes:
    """Sizes of layers' gzip blobs; each layer is packed once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, layer: Layer) -> int:
        """Return the bytes of a layer's blob."""
        key = str(layer.diff_id)
        if key not in self._known:
            self._known[key] = sum(len(chunk) for chunk in packed(layer, Compression.GZIP, Meter()))
        return self._known[key]

    def layers(self, image: Image, seconds: float) -> Layers:
        """Return the layers of an image that took `seconds` to make."""
        found = tuple((str(layer.diff_id), self.of(layer)) for layer in image.layers)
        return Layers(found, seconds)


@contextmanager
def opened(scratch: Path, layers: LayerScheme) -> Iterator[Session]:
    """A session that keeps no cache."""
    work = scratch / "work"
    with session(Settings(work, layers=layers), SilentProgress()) as run:
        yield run


def cuts(
    image: str, rbom: Path, scratch: Path, sizes: Sizes, previous: Previous | None
) -> tuple[Mapping[str, Layers], Previous]:
    """Return the layers of one version in each way, and what its hardened image has."""
    out: dict[str, Layers] = {}
    with opened(scratch, LayerScheme.ORIGINAL) as run, open_source(image, run) as source:
        original = examine(source, run)
        out[ITSELF] = sizes.layers(source, 0.0)
        plan = make_plan(original, load_rbom(rbom), PlanChoices())
        for title, scheme, choices in (
            (ORIGINAL, LayerScheme.ORIGINAL, None),
            (SHARED, LayerScheme.SHARED, None),
            (LIKE, LayerScheme.SHARED, PlanChoices(previous=previous)),
        ):
            if choices is not None:
                if previous is None:
                    out[LIKE] = out[SHARED]
                    continue
                plan = make_plan(original, load_rbom(rbom), choices)
            run.settings = replace(run.settings, layers=scheme)
            begun = time.process_time()
            made = make_stripped(original, plan, run)
            out[title] = sizes.layers(made, time.process_time() - begun)
            if title == ORIGINAL:
                note = HistoryNote("one layer")
                with squash_image(made, scratch, note, {}, "2026-01-01T00:00:00Z") as single:
                    out[SINGLE] = sizes.layers(single, 0.0)
        return out, _previous(image, original, plan.keep)


def _previous(name: str, original: Examined, keep: Mapping[ImagePath, object]) -> Previous:
    packages = frozenset(
        purl
        for purl, package in original.inventory.packages.items()
        if any(path in keep for path in package.files)
    )
    paths = frozenset(path for path in keep if not original.rootfs[path].is_dir)
    return Previous(name, packages, paths)


def profiled(image: str, tests: Sequence[str], scratch: Path) -> Path:
    """Profile an image, and return the RBOM's path."""
    rbom = scratch / f"{image.replace('/', '_').replace(':', '_')}.rbom.json"
    words = ["profile", image, *profile_words(image, tests), "--explore", "off"]
    os.environ["CAREEN_WORKDIR"] = str(scratch / "work")
    measured([sys.executable, "-m", "careen", *words, "-q", "-o", str(rbom)], LIMIT)
    return rbom


def shown(names: Sequence[str], found: Sequence[Mapping[str, Layers]]) -> Iterator[str]:
    """Yield the lines of the table: MB that a node pulls, by digest / by chain."""
    titles = list(found[0])
    yield f"{'MB pulled, by digest / by chain':34s}" + "".join(f"{title:>24s}" for title in titles)
    for number, name in enumerate(names):
        row = []
        for title in titles:
            now = found[number][title]
            if number == 0:
                total = sum(size for _, size in now.layers)
                row.append(f"{total / 1e6:.2f} in {len(now.layers)}")
            else:
                pulled = now.pulled(found[number - 1][title])
                row.append(" / ".join(f"{size / 1e6:.2f}" for size in pulled))
        yield f"{name:34s}" + "".join(f"{text:>24s}" for text in row)
    yield f"{'seconds of processor for the cut':34s}" + "".join(
        f"{sum(each[title].seconds for each in found) / len(found):>24.1f}" for title in titles
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Build, profile, cut, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--image", action="append", default=[], help="the versions, oldest first")
    parser.add_argument("--test", action="append", default=[], help="test command for them")
    parser.add_argument("--keep", action="store_true", help="keep the images that were built")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args(argv)
    tests = options.test or (() if options.image else default_test(IMAGE))
    names = options.image or [version.name for version in _versions.VERSIONS]
    found: list[Mapping[str, Layers]] = []
    sizes, previous = Sizes(), None
    with room(NEEDED) as scratch:
        try:
            for number, name in enumerate(names):
                image = name if options.image else _versions.build(number, scratch)
                rbom = profiled(image, tests, scratch)
                layers, previous = cuts(image, rbom, scratch, sizes, previous)
                found.append(layers)
                print(f"{name}: done", file=sys.stderr, flush=True)
        finally:
            if not options.image and not options.keep:
                _versions.remove()
    print("\n".join(shown(names, found)))
    if options.json is not None:
        table = {
            name: {title: asdict(layers) for title, layers in each.items()}
            for name, each in zip(names, found, strict=True)
        }
        options.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
