"""How careen's time and memory grow with an image's bytes and with its number of files.

    python -m bench.image_growth [--gigabytes 1 3 7] [--files 10000 50000 150000 300000] [--per-gb
    20000] [--json FILE]

Makes each image as a docker archive (distributions as pip leaves them, and a few large files), with
an RBOM that uses a part of it, and runs inspect, plan, strip and the check of the result in a
process of its own, once: memory hardly varies, and the trend over several sizes is not decided by
one run's noise. Images of a given size have 20,000 files per GB, near the 25,000 of the embedding
workload's image, so that the memory bound says something. Ends with status 1 if the peak at 7 GB or
below is 500 MB or more.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bench._measured import measured
from bench._room import room, settle
from bench._synthetic import write_image

LIMIT = 1800.0
STAGES = ("inspect", "plan", "strip", "check")
BOUND_MB, BOUND_GB = 500.0, 7.0


def one(files: int, size: int, scratch: Path) -> dict[str, Any]:
    """Make an image, run all stages on it, remove everything."""
    where = scratch / "image"
    (where / "work").mkdir(parents=True)
    try:
        archive, rbom = where / "image.tar", where / "rbom.json"
        write_image(archive, rbom, files, size)
        settle(archive)
        cost = measured(
            [sys.executable, "-m", "bench._stages", str(archive), str(rbom), str(where / "work")],
            LIMIT,
        )
    finally:
        shutil.rmtree(where)
    return {
        **json.loads(cost.output.splitlines()[-1]),
        "gigabytes": size / 1e9,
        "process_peak_mb": cost.peak_mb,
    }


def show(found: dict[str, Any]) -> None:
    """Print one line for an image."""
    times = " ".join(f"{found['seconds'][name]:8.2f}" for name in STAGES)
    peaks = " ".join(f"{found['peak_mb'][name]:8.0f}" for name in STAGES)
    print(f"{found['gigabytes']:5.1f} {found['files']:8,} {times}  {peaks}", flush=True)


def slope(rows: list[dict[str, Any]], key: str, of: str, step: float) -> dict[str, float]:
    """Growth of each stage from the first row to the last, per `step` of `of`."""
    first, last = rows[0], rows[-1]
    span = (last[of] - first[of]) / step
    return {name: (last[key][name] - first[key][name]) / span for name in STAGES} if span else {}


def trends(
    by_size: list[dict[str, Any]], by_files: list[dict[str, Any]]
) -> dict[str, dict[str, float]]:
    """Print and return how seconds and peak grow."""
    out: dict[str, dict[str, float]] = {}
    for rows, of, step, text in (
        (by_size, "gigabytes", 1.0, "GB"),
        (by_files, "files", 10_000.0, "10,000 files"),
    ):
        for key, unit in (("seconds", "s"), ("peak_mb", "MB")):
            found = slope(rows, key, of, step) if len(rows) > 1 else {}
            if found:
                out[f"{key} per {text}"] = found
                print(
                    f"{unit + ' per ' + text:18} "
                    + "  ".join(f"{name} {value:.2f}" for name, value in found.items())
                )
    return out


def main() -> int:
    """Measure, print, write JSON; 1 if the bound is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, nargs="*", default=[1, 3, 7])
    parser.add_argument("--files", type=int, nargs="*", default=[10_000, 50_000, 150_000, 300_000])
    parser.add_argument(
        "--per-gb",
        type=int,
        default=20_000,
        help="files per GB of the images that --gigabytes makes",
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{'':14} {'seconds':^35}  {'peak MB':^35}")
    print(
        f"{'GB':>5} {'files':>8} "
        + " ".join(f"{name:>8}" for name in STAGES)
        + "  "
        + " ".join(f"{name:>8}" for name in STAGES)
    )
    rows: dict[str, list[dict[str, Any]]] = {"by_size": [], "by_files": []}
    largest = max([1.0, *options.gigabytes])
    with room(int(largest * 2e9)) as scratch:
        plans = [
            ("by_size", int(size * options.per_gb), int(size * 1e9)) for size in options.gigabytes
        ]
        plans += [("by_files", count, int(count * 3000)) for count in options.files]
        for group, files, size in plans:
            rows[group].append(one(files, size, scratch))
            show(rows[group][-1])
    found = {**rows, "trends": trends(rows["by_size"], rows["by_files"])}
    bounded = [row["process_peak_mb"] for row in rows["by_size"] if row["gigabytes"] <= BOUND_GB]
    if bounded:
        print(f"peak at up to {BOUND_GB:g} GB: {max(bounded):.0f} MB, bound {BOUND_MB:.0f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if bounded and max(bounded) >= BOUND_MB else 0


if __name__ == "__main__":
    sys.exit(main())
