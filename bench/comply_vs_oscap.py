"""What a whole `careen comply` costs beside `oscap` alone, on the same image.

    python -m bench.comply_vs_oscap [--image IMAGE --content DS.xml] [--rounds N] [--json FILE]

careen gets an OCI layout and evaluates three frameworks (306 items), with all documents. oscap gets
the same layout, unpacked by umoci, and writes its results and its ARF; the time for unpacking is
told beside it, as oscap cannot start without. Without --image it is Debian 12 by mmdebstrap, for
which Debian has content (ssg-debian). Both take turns; ratios are medians of the rounds' own.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench._measured import Cost, measured
from bench._room import room
from careen.compliance.streams import profile_of

LIMIT = 900.0
CONTENT = Path("/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml")
FRAMEWORKS = "cis-docker,cis-linux,stig-gpos"
NEEDED = 8 << 30
# oscap ends with 2 if a rule failed.
_OSCAP = ("sh", "-c", '"$@"; status=$?; [ $status = 2 ] && status=0; exit $status', "sh")


@dataclass(frozen=True, slots=True)
class Round:
    """What both cost once, and what unpacking the image for oscap cost."""

    careen: Cost
    oscap: Cost
    unpack: Cost


def debian(scratch: Path) -> str:
    """Return a layout with a root of Debian 12."""
    root, image = scratch / "root.tar", f"{scratch / 'layout'}:image"
    sources = measured([sys.executable, "scripts/apt_sources.py", "bookworm"], LIMIT).output
    make = ("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "bookworm", str(root))
    measured([*make, *sources.splitlines()], LIMIT)
    measured(["umoci", "init", "--layout", str(scratch / "layout")], LIMIT)
    measured(["umoci", "new", "--image", image], LIMIT)
    measured(["umoci", "raw", "add-layer", "--image", image, str(root)], LIMIT)
    root.unlink()
    return image


def copied(name: str, scratch: Path) -> str:
    """Return a layout with an image of docker's store, or of what skopeo reads."""
    image = f"{scratch / 'layout'}:image"
    source = (
        name if ":/" in name or name.startswith(("oci:", "docker")) else f"docker-daemon:{name}"
    )
    measured(["skopeo", "copy", "--quiet", source, f"oci:{image}"], LIMIT)
    return image


def rounds(image: str, content: Path, scratch: Path, number: int) -> Iterator[Round]:
    """Measure both, in alternating order."""
    root, out = scratch / "bundle", scratch / "out"
    unpack = measured(["umoci", "unpack", "--image", image, str(root)], LIMIT)
    (root / "rootfs/run").mkdir(exist_ok=True)
    (root / "rootfs/run/.containerenv").touch()  # else it is judged as a machine
    listed = measured(["oscap", "info", "--profiles", str(content)], LIMIT).output
    profile = profile_of([line.partition(":")[0] for line in listed.splitlines()])
    if profile is None:
        message = f"{content}: no profile to choose"
        raise SystemExit(message)
    words = {
        "careen": [
            *(sys.executable, "-m", "careen", "comply", f"oci:{image}", "--framework", FRAMEWORKS),
            *("--report-dir", str(out), "--work-dir", str(scratch / "work"), "--quiet"),
        ],
        "oscap": [
            *("env", f"OSCAP_PROBE_ROOT={root / 'rootfs'}", *_OSCAP, "oscap", "xccdf", "eval"),
            *("--profile", profile, "--results", str(scratch / "r.xml")),
            *("--results-arf", str(scratch / "arf.xml"), str(content)),
        ],
    }
    for turn in range(number):
        order = ("careen", "oscap") if turn % 2 == 0 else ("oscap", "careen")
        costs = {name: measured(words[name], LIMIT) for name in order}
        yield Round(costs["careen"], costs["oscap"], unpack)


def figures(found: list[Round]) -> dict[str, float]:
    """Return medians, peaks, and the ratios."""
    median = statistics.median
    return {
        "careen_seconds": median(each.careen.seconds for each in found),
        "oscap_seconds": median(each.oscap.seconds for each in found),
        "unpack_seconds": found[0].unpack.seconds,
        "careen_cpu": median(each.careen.cpu for each in found),
        "oscap_cpu": median(each.oscap.cpu for each in found),
        "unpack_cpu": found[0].unpack.cpu,
        "careen_peak_mb": max(each.careen.peak_mb for each in found),
        "oscap_peak_mb": max(each.oscap.peak_mb for each in found),
        "ratio_seconds": median(each.careen.seconds / each.oscap.seconds for each in found),
        "ratio_cpu": median(each.careen.cpu / each.oscap.cpu for each in found),
        "ratio_cpu_with_unpacking": median(
            each.careen.cpu / (each.oscap.cpu + each.unpack.cpu) for each in found
        ),
    }


def main() -> int:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", help="an image of docker's store, or of skopeo's names")
    parser.add_argument("--content", type=Path, default=CONTENT)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with room(NEEDED) as scratch:
        image = copied(options.image, scratch) if options.image else debian(scratch)
        found = figures(list(rounds(image, options.content, scratch, options.rounds)))
    for name in ("careen", "oscap"):
        print(
            f"{name:7} {found[f'{name}_seconds']:7.1f} s {found[f'{name}_cpu']:7.1f} s of processor"
            f"  peak {found[f'{name}_peak_mb']:5.0f} MB"
        )
    print(f"unpack  {found['unpack_seconds']:7.1f} s {found['unpack_cpu']:7.1f} s of processor")
    print(
        f"ratio   {found['ratio_seconds']:7.2f}   {found['ratio_cpu']:7.2f}"
        f"  with unpacking {found['ratio_cpu_with_unpacking']:.2f}"
    )
    if options.json:
        named = {"image": options.image or "Debian 12", "content": options.content.name}
        options.json.write_text(json.dumps({**named, **found}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
