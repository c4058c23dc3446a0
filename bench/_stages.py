"""One careen run over one image file, stage by stage, in a process of its own: `python -m
bench._stages ARCHIVE RBOM SCRATCH`.

Prints one JSON object: for each stage its seconds (by the clock and of the processor), and the
process's peak resident set in MB at its end, which is the peak of a process that does no more than
the stages up to there; also how many files and bytes went in and stayed. `strip` is editing and
writing an OCI layout with gzip.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.inventory.measure import measure
from careen.inventory.scan import scan
from careen.model.plan import Level
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.oci.validate import validate_image
from careen.oci.write import write_oci_layout
from careen.plan.core.policy import Policy
from careen.plan.core.rules import load_rules
from careen.plan.decide import decide
from careen.rbom.store import read_rbom
from careen.rewrite.databases import database_edits
from careen.rewrite.strip import StripFacts, strip
from careen.verify.outside import changes_outside_plan

SHA = "0" * 64
CREATED = "2026-01-01T00:00:00Z"


def peak_mb() -> float:
    """This process's highest resident set so far, in MB of 10^6 bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    message = "the kernel tells no VmHWM"
    raise SystemExit(message)


@dataclass(slots=True)
class Clock:
    """What each stage took."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        begin, used = time.monotonic(), time.process_time()
        yield
        self.seconds[name] = time.monotonic() - begin
        self.cpu[name] = time.process_time() - used
        self.peak[name] = peak_mb()


def main(archive: Path, rbom: Path, scratch: Path) -> None:
    """Run all stages and print what they took."""
    clock = Clock()
    with clock.stage("inspect"):
        image = open_image(DockerArchive(archive), None, scratch)
        rootfs = image.rootfs()
        inventory = scan(rootfs)
        before = measure(rootfs, inventory, image.reference, image.ref.digest)
    with image:
        with clock.stage("plan"):
            bom = read_rbom(rbom.read_bytes())
            plan = decide(
                rootfs,
                inventory,
                bom,
                image.config,
                Policy(Level.CLOSURE, (), (), load_rules(()), SHA),
            )
        with clock.stage("strip"):
            result = strip(image, rootfs, inventory, plan, StripFacts(CREATED), scratch)
            write_oci_layout(result, scratch / "layout", "bench")
        with clock.stage("check"):
            broken = validate_image(result)
            outside = changes_outside_plan(
                rootfs,
                result.rootfs(),
                plan,
                DeclaredEdits(database_edits(rootfs, inventory, plan).keys()),
            )
        if broken or outside:
            message = f"the stripped image is not as planned: {[*broken, *outside][0]}"
            raise SystemExit(message)
        after = sum(
            {entry.inode: entry.size for entry in result.rootfs() if entry.is_file}.values()
        )
    sizes = {
        "entries": len(rootfs),
        "files": before.files,
        "bytes": before.size_bytes,
        "bytes_kept": after,
    }
    found = {"seconds": clock.seconds, "cpu": clock.cpu, "peak_mb": clock.peak, **sizes}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
