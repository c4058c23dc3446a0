"""What a whole `careen scan` costs beside `syft`, which takes stock alone: from docker's store and
from an archive of the same image.

    python -m bench.scan_vs_syft [IMAGE] [--rounds N] [--advisories DIR] [--json FILE]

careen's scan opens the image, takes stock, compares it with the database and writes JSON; syft
writes its own JSON. The database is made of the feeds in
--advisories (default: ../shared/data/vuln). Both take turns; ratios are medians of the rounds' own.
Status 1 when careen takes more than half of syft's time
or more than 500 MB.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

from bench._embed import IMAGE
from bench._measured import CHECKOUT, Cost, measured
from bench._room import room, settle
from bench.inventory_vs_syft import LIMIT, SYFT

MOST_MB = 500.0
MOST_RATIO = 0.5


def rounds(
    careen: list[str], syft: list[str], number: int, archive: Path | None
) -> list[tuple[Cost, Cost]]:
    """Measure both, in alternating order."""
    out = []
    for turn in range(number):
        pair: dict[str, Cost] = {}
        for name, argv in (
            (("careen", careen), ("syft", syft))
            if turn % 2 == 0
            else (("syft", syft), ("careen", careen))
        ):
            if archive is not None:
                settle(archive)
            pair[name] = measured(argv, LIMIT)
        out.append((pair["careen"], pair["syft"]))
    return out


def figures(pairs: list[tuple[Cost, Cost]]) -> dict[str, float]:
    """Return medians."""
    ours, theirs = zip(*pairs, strict=True)
    return {
        "careen_seconds": statistics.median(cost.seconds for cost in ours),
        "syft_seconds": statistics.median(cost.seconds for cost in theirs),
        "careen_cpu": statistics.median(cost.cpu for cost in ours),
        "syft_cpu": statistics.median(cost.cpu for cost in theirs),
        "careen_peak_mb": max(cost.peak_mb for cost in ours),
        "syft_peak_mb": max(cost.peak_mb for cost in theirs),
        "ratio_seconds": statistics.median(one.seconds / two.seconds for one, two in pairs),
        "ratio_cpu": statistics.median(one.cpu / two.cpu for one, two in pairs),
    }


def main() -> int:
    """Measure, print, write JSON; return the status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", nargs="?", default=IMAGE)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--advisories", type=Path, default=CHECKOUT.parent / "shared" / "data" / "vuln"
    )
    parser.add_argument(
        "--syft", default=str(SYFT) if SYFT.is_file() else "syft", help="the program"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    careen = [sys.executable, "-m", "careen"]
    found: dict[str, dict[str, float]] = {}
    with room(8 << 30) as scratch:
        database = scratch / "advisories.db"
        build = measured(
            [*careen, "db", "import", str(options.advisories), "--db", str(database), "-q"], LIMIT
        )
        print(
            f"database: {build.seconds:.1f} s, peak {build.peak_mb:.0f} MB,"
            f" {database.stat().st_size / 1e6:.1f} MB"
        )
        archive = scratch / "image.tar"
        measured(["docker", "save", "-o", str(archive), options.image], LIMIT)
        for place, ours, theirs in (
            ("docker's store", options.image, f"docker:{options.image}"),
            ("an archive", f"docker-archive:{archive}", f"docker-archive:{archive}"),
        ):
            scan = [
                *careen,
                "scan",
                ours,
                "--db",
                str(database),
                "--work-dir",
                str(scratch / "work"),
                "-q",
                "-o",
                f"json={scratch / 'scan.json'}",
            ]
            stock = [options.syft, "scan", "-q", "-o", f"syft-json={scratch / 'syft.json'}", theirs]
            found[place] = figures(
                rounds(scan, stock, options.rounds, archive if place == "an archive" else None)
            )
            show(place, found[place])
    if options.json:
        options.json.write_text(
            json.dumps(
                {"image": options.image, "database_seconds": build.seconds, "places": found},
                indent=2,
            )
            + "\n"
        )
    return (
        1
        if any(
            one["ratio_seconds"] > MOST_RATIO or one["careen_peak_mb"] > MOST_MB
            for one in found.values()
        )
        else 0
    )


def show(place: str, one: dict[str, float]) -> None:
    """Print one row of three lines."""
    print(f"from {place}")
    for name in ("careen", "syft"):
        print(
            f"  {name:7} {one[f'{name}_seconds']:7.1f} s  {one[f'{name}_cpu']:7.1f} s of processor "
            f" peak {one[f'{name}_peak_mb']:6.0f} MB"
        )
    print(f"  ratio   {one['ratio_seconds']:7.2f}    {one['ratio_cpu']:7.2f}")


if __name__ == "__main__":
    sys.exit(main())
