"""One careen run over one image file, stage by stage, in a process of its own: `python -m
bench._stages ARCHIVE RBOM SCRATCH`.

The stages are those of `careen strip --rbom`, without a cache. Prints one JSON object: for each
stage its seconds (by the clock, and of the processor with that of processes it started), and the
process's peak resident set in MB at its end, which is the peak of a process that does no more than
the stages up to there; also how many files and bytes went in and stayed. `strip` is editing,
packing with gzip, and writing an OCI layout.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.oci.changes.edit import LayerCache
from careen.oci.manifest import Compression
from careen.oci.reference import OciLayout
from careen.pipeline.proof.verify import Candidate, inspect_candidate
from careen.pipeline.run.layer_packer import LayerPacker
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.promote import promote
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Destination, PlanChoices, Settings
from careen.pipeline.run.source import examine, open_source
from careen.pipeline.run.stripping import make_stripped
from careen.rbom.store import load_rbom
from careen.report.terminal_output.progress import SilentProgress


def peak_mb() -> float:
    """This process's highest resident set so far, in MB of 10^6 bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    message = "the kernel tells no VmHWM"
    raise SystemExit(message)


def processor_seconds() -> float:
    """Processor time of this process and of those that it started and that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@dataclass(slots=True)
class Clock:
    """What each stage took."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        begin, used = time.monotonic(), processor_seconds()
        yield
        self.seconds[name] = time.monotonic() - begin
        self.cpu[name] = processor_seconds() - used
        self.peak[name] = peak_mb()


def main(archive: Path, rbom: Path, scratch: Path) -> None:
    """Run all stages and print what they took."""
    clock = Clock()
    with session(Settings(scratch / "work"), SilentProgress()) as run, ExitStack() as images:
        with clock.stage("inspect"):
            image = images.enter_context(open_source(f"docker-archive:{archive}", run))
            original = examine(image, run)
        with clock.stage("plan"):
            plan = make_plan(original, load_rbom(rbom), PlanChoices())
        with clock.stage("strip"):
            packer = LayerPacker(image, run, Compression.GZIP)
            made = images.enter_context(
                make_stripped(original, plan, run, LayerCache(packer.layer_of))
            )
            promote(made, None, Destination(None, (OciLayout(scratch / "layout", "bench"),)), run)
        with clock.stage("check"):
            result = examine(made, run)
            broken = inspect_candidate(Candidate(original, plan, result), run).breaches()
        if broken:
            message = f"the stripped image is not as planned: {broken[0]}"
            raise SystemExit(message)
        sizes = {
            "entries": len(original.rootfs),
            "files": original.measure.files,
            "bytes": original.measure.size_bytes,
            "bytes_kept": result.measure.size_bytes,
        }
    found = {"seconds": clock.seconds, "cpu": clock.cpu, "peak_mb": clock.peak, **sizes}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
