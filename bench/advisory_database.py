"""The advisory database from a folder of feeds: build time, peak memory and size; the same again
with nothing new; export, and check.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench._measured import CHECKOUT, measured

FEEDS = CHECKOUT.parent / "shared" / "data" / "vuln"
PEAK_MB = 500.0
LIMIT = 1800.0


def main() -> int:
    """Print the figures; status 1 if an import needs more memory than the bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "feeds",
        nargs="?",
        type=Path,
        default=FEEDS,
        help=(
            "a folder as `careen db import` takes it; default: the frozen feeds beside the checkout"
        ),
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    if not options.feeds.is_dir():
        print(f"bench: no feeds at {options.feeds}: name a folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="careen-bench-") as folder:
        db, exported = Path(folder, "advisories.db"), Path(folder, "feeds.careen")
        careen = [sys.executable, "-m", "careen", "db"]
        steps = {
            "import": [*careen, "import", str(options.feeds), "--db", str(db), "-q"],
            "import, nothing new": [*careen, "import", str(options.feeds), "--db", str(db), "-q"],
            "verify": [*careen, "verify", "--db", str(db), "-q"],
            "export": [*careen, "export", str(exported), "--db", str(db), "-q"],
        }
        figures: dict[str, dict[str, float]] = {}
        for name, argv in steps.items():
            cost = measured(argv, LIMIT)
            figures[name] = {"seconds": cost.seconds, "cpu": cost.cpu, "peak_mb": cost.peak_mb}
            print(
                f"{name:20} {cost.seconds:7.2f} s  {cost.cpu:7.2f} s of processor "
                f" {cost.peak_mb:6.0f} MB at most"
            )
        sizes = {
            "feeds": sum(
                path.stat().st_size for path in options.feeds.rglob("*") if path.is_file()
            ),
            "database": db.stat().st_size,
            "export": exported.stat().st_size,
        }
    print("  ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items()))
    if options.json:
        options.json.write_text(
            json.dumps({"steps": figures, "bytes": sizes}, indent=2) + "\n", encoding="utf-8"
        )
    return int(max(step["peak_mb"] for step in figures.values()) > PEAK_MB)


if __name__ == "__main__":
    sys.exit(main())
