"""What careen's stages cost on one image, next to `skopeo copy` of the same file, interleaved.

    python -m bench.image_cost [--archive FILE | --image NAME] [--rbom FILE] [--test CMD] [--rounds
    3] [--json FILE]

Needs skopeo, and docker unless both --archive and --rbom are given: without --archive the image
(default wl/embed:cpu) is saved from docker's store, without
--rbom it is profiled first. Each round runs careen (inspect, plan at `closure`, strip into an OCI
layout, check the result against the plan) and `skopeo copy docker-archive:FILE oci:DIR` in
alternating order, each in a process of its own, with the archive in the page cache and nothing left
to write back. The figures are medians of the rounds, the ratios medians of the rounds' own ratios:
by the clock, and by processor time, which other load disturbs less.

skopeo packs the whole image, careen reads the whole image and packs what is kept; so both are also
given per GB packed. The limit of such a run is one read of the archive (`sha256sum`) and `skopeo
copy` of careen's own result, unpacked, into a layout: nobody can read less or pack less. inspect,
plan and strip are given as a multiple of it.
"""

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench._embed import IMAGE, profile_words, scratch_bytes
from bench._measured import Cost, measured
from bench._room import room, settle

LIMIT = 1800.0
STAGES = ("inspect", "plan", "strip", "check")
LIMITED = ("inspect", "plan", "strip")  # what the limit is about


def prepare(options: argparse.Namespace, scratch: Path) -> tuple[Path, Path]:
    """Return the archive and the RBOM, made now if they were not given."""
    archive = options.archive
    if archive is None:
        archive = scratch / "image.tar"
        measured(["docker", "save", "-o", str(archive), options.image], LIMIT)
    rbom = options.rbom
    if rbom is None:
        rbom = scratch / "rbom.json"
        words = profile_words(options.image, options.test)
        measured(
            [
                sys.executable,
                "-m",
                "careen",
                "profile",
                options.image,
                *words,
                "-q",
                "-o",
                str(rbom),
            ],
            LIMIT,
        )
    return archive.resolve(), rbom.resolve()


def careen(archive: Path, rbom: Path, scratch: Path, result: Path) -> dict[str, Any]:
    """Run all stages once; the first result is left as an unpacked archive at `result`."""
    settle(archive)
    where = scratch / "careen"
    where.mkdir()
    try:
        cost = measured(
            [sys.executable, "-m", "bench._stages", str(archive), str(rbom), str(where)], LIMIT
        )
        packed = sum(
            path.stat().st_size for path in (where / "layout").rglob("*") if path.is_file()
        )
        if not result.exists():
            _copy(f"oci:{where / 'layout'}:bench", f"docker-archive:{result}")
    finally:
        shutil.rmtree(where)
    return {
        **json.loads(cost.output.splitlines()[-1]),
        "packed_bytes": packed,
        "process_peak_mb": cost.peak_mb,
        "process_cpu": cost.cpu,
    }


def skopeo(archive: Path, scratch: Path) -> Cost:
    """Copy an archive to a layout once."""
    settle(archive)
    where = scratch / "skopeo"
    try:
        return _copy(f"docker-archive:{archive}", f"oci:{where}:copy")
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _copy(source: str, target: str) -> Cost:
    return measured(["skopeo", "--insecure-policy", "copy", "-q", source, target], LIMIT)


def limit(archive: Path, result: Path, scratch: Path) -> tuple[float, float]:
    """Return what one read of the archive and one copy of the result take: by the clock, and of
    the processor.
    """
    settle(archive)
    read, copy = measured(["sha256sum", str(archive)], LIMIT), skopeo(result, scratch)
    return read.seconds + copy.seconds, read.cpu + copy.cpu


def compare(archive: Path, rbom: Path, scratch: Path, rounds: int) -> dict[str, Any]:
    """Run all rounds; return medians and ratios."""
    ours: list[dict[str, Any]] = []
    theirs: list[Cost] = []
    limits: list[tuple[float, float]] = []
    result = scratch / "result.tar"
    for number in range(rounds):
        for first in (number % 2 == 0, number % 2 == 1):
            if first:
                ours.append(careen(archive, rbom, scratch, result))
                limits.append(limit(archive, result, scratch))
            else:
                theirs.append(skopeo(archive, scratch))
    total, kept = ours[0]["bytes"] / 1e9, ours[0]["bytes_kept"] / 1e9
    return {
        "image_bytes": ours[0]["bytes"],
        "kept_bytes": ours[0]["bytes_kept"],
        "packed_bytes": ours[0]["packed_bytes"],
        "files": ours[0]["files"],
        "stages": {name: _stage(name, ours, theirs, total) for name in STAGES},
        "careen_seconds": statistics.median(sum(run["seconds"].values()) for run in ours),
        "careen_peak_mb": statistics.median(run["process_peak_mb"] for run in ours),
        "skopeo_seconds": statistics.median(cost.seconds for cost in theirs),
        "skopeo_cpu": statistics.median(cost.cpu for cost in theirs),
        "skopeo_peak_mb": statistics.median(cost.peak_mb for cost in theirs),
        "strip_seconds_per_gb_packed": (
            statistics.median(run["seconds"]["strip"] for run in ours) / kept
        ),
        "limit_seconds": statistics.median(seconds for seconds, _ in limits),
        "limit_cpu": statistics.median(cpu for _, cpu in limits),
        "limit_ratio": statistics.median(
            sum(run["seconds"][name] for name in LIMITED) / seconds
            for run, (seconds, _) in zip(ours, limits, strict=True)
        ),
        "limit_cpu_ratio": statistics.median(
            sum(run["cpu"][name] for name in LIMITED) / cpu
            for run, (_, cpu) in zip(ours, limits, strict=True)
        ),
        "skopeo_seconds_per_gb_packed": statistics.median(cost.seconds for cost in theirs) / total,
    }


def _stage(
    name: str, ours: Sequence[dict[str, Any]], theirs: Sequence[Cost], gigabytes: float
) -> dict[str, float]:
    seconds = [run["seconds"][name] for run in ours]
    return {
        "seconds": statistics.median(seconds),
        "cpu": statistics.median(run["cpu"][name] for run in ours),
        "seconds_per_gb": statistics.median(seconds) / gigabytes,
        "peak_mb": statistics.median(run["peak_mb"][name] for run in ours),
        "ratio": statistics.median(
            run["seconds"][name] / cost.seconds for run, cost in zip(ours, theirs, strict=True)
        ),
        "cpu_ratio": statistics.median(
            run["cpu"][name] / cost.cpu for run, cost in zip(ours, theirs, strict=True)
        ),
        "peak_ratio": statistics.median(
            run["peak_mb"][name] / cost.peak_mb for run, cost in zip(ours, theirs, strict=True)
        ),
    }


def show(found: dict[str, Any]) -> None:
    """Print the table."""
    print(
        f"{found['image_bytes'] / 1e9:.2f} GB in {found['files']:,} files; kept"
        f" {found['kept_bytes'] / 1e9:.2f} GB, {found['packed_bytes'] / 1e9:.2f} GB packed"
    )
    print(
        f"{'stage':14} {'seconds':>8} {'cpu s':>7} {'s per GB':>9} {'peak MB':>8}"
        f" {'time/skopeo':>12} {'cpu/skopeo':>11} {'peak/skopeo':>12} {'time/limit':>11}"
    )
    for name, stage in found["stages"].items():
        print(
            f"{name:14} {stage['seconds']:8.2f} {stage['cpu']:7.2f} {stage['seconds_per_gb']:9.2f}"
            f" {stage['peak_mb']:8.0f} {stage['ratio']:12.2f} {stage['cpu_ratio']:11.2f}"
            f" {stage['peak_ratio']:12.2f} {stage['seconds'] / found['limit_seconds']:11.2f}"
        )
    per_gb = found["skopeo_seconds_per_gb_packed"]
    print(
        f"{'skopeo copy':14} {found['skopeo_seconds']:8.2f} {found['skopeo_cpu']:7.2f}"
        f" {per_gb:9.2f} {found['skopeo_peak_mb']:8.0f}"
    )
    print(
        f"strip: {found['strip_seconds_per_gb_packed']:.2f} s per GB that it packs; skopeo:"
        f" {per_gb:.2f} s"
    )
    print(
        f"limit (one read, one copy of the result): {found['limit_seconds']:.2f} s,"
        f" {found['limit_cpu']:.2f} of the processor; inspect, plan and strip take"
        f" {found['limit_ratio']:.2f} times that, {found['limit_cpu_ratio']:.2f} by the processor"
    )


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--archive", type=Path, help="a docker archive that holds one image")
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--rbom", type=Path)
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with room(scratch_bytes(options.archive) if options.archive else 8 << 30) as scratch:
        archive, rbom = prepare(options, scratch)
        found = compare(archive, rbom, scratch, options.rounds)
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
