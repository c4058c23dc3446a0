"""What a node pulls of each of six successive versions of a hardened image, by how its layers are
cut.

    python -m bench.shared_layers [--image NAME …] [--test CMD] [--versions N] [--prepared DIR]
    [--pull] [--keep] [--json FILE]

Without --image it builds the versions of the embedding workload (bench/_versions.py) from scratch;
--versions takes the first N of the six.
Each is profiled and planned by itself, as a user would, then cut in each way in this process. A
node has the version before. It pulls the layers that it lacks: by their digests (containerd,
podman, CRI-O), or by their whole chain (docker's classic store), which ends at the first layer that
differs. Bytes are those of gzip blobs, as an OCI layout has them; manifest and config come on top
(some 20 kB).

The original image, the hardened image as one layer, `--layers original` and `--layers shared` are
compared, and `shared` again with a plan like the version before (`--like`). The cut's own time is
printed, too. With --pull the original, the single layer and `shared` are pushed to a registry on
this machine, and pulled and unpacked by a containerd that has the version before; the seconds of
the latter are printed (docker-registry and containerd). Only these seconds need a machine that does
nothing else. --prepared leaves the images, and their RBOMs in DIR, and takes what it finds of both:
run it without --pull first, whenever, and with --pull when the machine is quiet.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench import _versions
from bench._embed import IMAGE, default_test, profile_words
from bench._measured import measured
from bench._pulls import Node, node
from bench._room import room
from careen.model.digest import Digest
from careen.model.paths import ImagePath
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.model.runs.meter import Meter
from careen.oci.changes.append import squash_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.compress import packed
from careen.oci.image import Image, Layer
from careen.oci.index.write import new_layout
from careen.oci.manifest import LAYER_TYPES, Compression, Descriptor
from careen.oci.select import blob_name
from careen.oci.write import PackedLayer, write_blob, write_oci_layout
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
NEEDED_TO_PULL = 3 << 30  # more, of each version
ITSELF, SINGLE = "the image itself", "single layer"
ORIGINAL, SHARED, LIKE = "--layers original", "--layers shared", "--like"
PULLED = (ITSELF, SINGLE, SHARED)


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of one image, lowest first: diff IDs and bytes of their gzip blobs.

    `seconds` of processor were spent on the cut, `pull_seconds` by the clock on pulling it.
    """

    layers: tuple[tuple[str, int], ...]
    seconds: float
    pull_seconds: float | None = None

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


class Packer:
    """Gzip blobs of layers in a folder; each layer is packed once. `node` pulls images, or None."""

    def __init__(self, folder: Path, node: Node | None) -> None:
        self._folder = new_layout(folder)
        self._node = node
        self._known: dict[Digest, PackedLayer] = {}

    def _of(self, layer: Layer) -> PackedLayer:
        if layer.diff_id not in self._known:
            digest, size = write_blob(self._folder, packed(layer, Compression.GZIP, Meter()))
            blob = Descriptor(LAYER_TYPES[Compression.GZIP], digest, size)
            self._known[layer.diff_id] = PackedLayer(blob, self._folder / blob_name(digest))
        return self._known[layer.diff_id]

    def layers(self, image: Image, seconds: float, title: str, number: int) -> Layers:
        """Return the layers of an image, version `number`, that took `seconds` to make."""
        found = tuple((str(each.diff_id), self._of(each).descriptor.size) for each in image.layers)
        if self._node is None or title not in PULLED:
            return Layers(found, seconds)
        layout = self._folder.with_name(f"{self._folder.name}-pushed")
        write_oci_layout(image, layout, "version", packed=self._known)
        try:
            pulled = self._node.pull(title, number, layout, "version")
        finally:
            shutil.rmtree(layout)
        return Layers(found, seconds, pulled)


@contextmanager
def opened(scratch: Path, layers: LayerScheme) -> Iterator[Session]:
    """A session that keeps no cache."""
    work = scratch / "work"
    with session(Settings(work, layers=layers), SilentProgress()) as run:
        yield run


def cuts(
    version: tuple[int, str], rbom: Path, scratch: Path, packer: Packer, previous: Previous | None
) -> tuple[Mapping[str, Layers], Previous]:
    """Return the layers of one version in each way, and what its hardened image has.

    `version` is its number and the name of its image.
    """
    number, image = version
    out: dict[str, Layers] = {}
    with opened(scratch, LayerScheme.ORIGINAL) as run, open_source(image, run) as source:
        original = examine(source, run)
        out[ITSELF] = packer.layers(source, 0.0, ITSELF, number)
        plan = make_plan(original, load_rbom(rbom), PlanChoices())
        for title, scheme, choices in (
            (ORIGINAL, LayerScheme.ORIGINAL, None),
            (SHARED, LayerScheme.SHARED, None),
            (LIKE, LayerScheme.SHARED, PlanChoices(previous=previous)),
        ):
            # The first version has nothing to be like.
            if choices is not None and previous is not None:
                plan = make_plan(original, load_rbom(rbom), choices)
            run.settings = replace(run.settings, layers=scheme)
            begun = time.process_time()
            made = make_stripped(original, plan, run)
            out[title] = packer.layers(made, time.process_time() - begun, title, number)
            if title == ORIGINAL:
                note = HistoryNote("one layer")
                with squash_image(made, scratch, note, {}, "2026-01-01T00:00:00Z") as single:
                    out[SINGLE] = packer.layers(single, 0.0, SINGLE, number)
        return out, _previous(image, original, plan.keep)


def _previous(name: str, original: Examined, keep: Mapping[ImagePath, object]) -> Previous:
    packages = frozenset(
        purl
        for purl, package in original.inventory.packages.items()
        if any(path in keep for path in package.files)
    )
    paths = frozenset(path for path in keep if not original.rootfs[path].is_dir)
    return Previous(name, packages, paths)


def prepared(number: int, tests: Sequence[str], folder: Path, scratch: Path) -> tuple[str, Path]:
    """Return a version's tag and its RBOM in `folder`, made now if either is not there."""
    tag, rbom = _versions.tag_of(number), folder / f"{number}.rbom.json"
    if not (rbom.exists() and _versions.is_there(number)):
        _versions.build(number, scratch)
        profile(tag, tests or default_test(IMAGE), rbom, scratch)
    return tag, rbom


def profile(image: str, tests: Sequence[str], rbom: Path, scratch: Path) -> None:
    """Profile an image, and write its RBOM."""
    patience = ("--ready-timeout", "900s", "--test-timeout", "900s")  # of a busy machine
    words = ["profile", image, *profile_words(image, tests), *patience, "--explore", "off"]
    os.environ["CAREEN_WORKDIR"] = str(scratch / "work")
    measured([sys.executable, "-m", "careen", *words, "-q", "-o", str(rbom)], LIMIT)


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
    if any(layers.pull_seconds is not None for each in found for layers in each.values()):
        yield "seconds by the clock to pull and unpack"
        for name, each in zip(names, found, strict=True):
            times = [each[title].pull_seconds for title in titles]
            row = ["" if time is None else f"{time:.1f}" for time in times]
            yield f"{name:34s}" + "".join(f"{text:>24s}" for text in row)
    yield f"{'seconds of processor for the cut':34s}" + "".join(
        f"{sum(each[title].seconds for each in found) / len(found):>24.1f}" for title in titles
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Build, profile, cut, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--image", action="append", default=[], help="the versions, oldest first")
    parser.add_argument("--test", action="append", default=[], help="test command for them")
    parser.add_argument(
        "--versions",
        type=int,
        choices=range(2, len(_versions.VERSIONS) + 1),
        default=len(_versions.VERSIONS),
        help="how many are built; default: all",
    )
    parser.add_argument(
        "--prepared", type=Path, metavar="DIR", help="where RBOMs are, and stay; keeps the images"
    )
    parser.add_argument("--pull", action="store_true", help="also pull each, by the clock")
    parser.add_argument("--keep", action="store_true", help="keep the images that were built")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args(argv)
    names = options.image or [each.name for each in _versions.VERSIONS[: options.versions]]
    found: list[Mapping[str, Layers]] = []
    previous = None
    needed = NEEDED + (NEEDED_TO_PULL * len(names) if options.pull else 0)
    with room(needed) as scratch, ExitStack() as running:
        pulling = running.enter_context(node(scratch / "node")) if options.pull else None
        packer = Packer(scratch / "packed", pulling)
        rboms = options.prepared or scratch / "rboms"
        rboms.mkdir(parents=True, exist_ok=True)
        try:
            for number, name in enumerate(names):
                if options.image:
                    image, rbom = name, scratch / f"{number}.rbom.json"
                    profile(image, options.test, rbom, scratch)
                else:
                    image, rbom = prepared(number, options.test, rboms, scratch)
                layers, previous = cuts((number, image), rbom, scratch, packer, previous)
                found.append(layers)
                print(f"{name}: done", file=sys.stderr, flush=True)
                if options.json is not None:
                    write(names, found, options.json)
        finally:
            if not (options.image or options.keep or options.prepared):
                _versions.remove()
    print("\n".join(shown(names, found)))
    return 0


def write(names: Sequence[str], found: Sequence[Mapping[str, Layers]], path: Path) -> None:
    """Write the figures of the versions that are done."""
    table = {
        name: {title: asdict(layers) for title, layers in each.items()}
        for name, each in zip(names, found, strict=False)
    }
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
