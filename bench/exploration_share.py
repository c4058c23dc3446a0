"""What `--explore safe` adds to `careen profile`: the same command with it and with `--explore
off`, in alternating order.

    python -m bench.exploration_share [--image NAME] [--ready CHECK] [--test CMD …] [--rounds 3]
    [--json FILE]

Needs root and docker. Default: the embedding workload with its tests. Seconds are those of the
whole command, which reads the image, runs the workload and attributes what was seen; the ratios are
the medians of the rounds' own. Bound: exploration at most doubles the profile's time (2.0 by the
clock). Status 1 beyond it.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from bench._embed import IMAGE, profile_words
from bench._measured import Cost, measured
from bench._room import room

BOUND = 2.0
LIMIT = 1800.0
EFFORTS = ("off", "safe")


def profile(image: str, words: Sequence[str], effort: str, scratch: Path) -> Cost:
    """Profile once."""
    return measured(
        [
            sys.executable,
            "-m",
            "careen",
            "profile",
            image,
            *words,
            "--explore",
            effort,
            "-q",
            "-o",
            str(scratch / "rbom.json"),
        ],
        LIMIT,
    )


def main() -> int:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--ready")
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    words = [
        *profile_words(options.image, options.test),
        *(("--ready", options.ready) if options.ready else ()),
    ]
    seen: dict[str, list[Cost]] = {effort: [] for effort in EFFORTS}
    with room(4 << 30) as scratch:
        for number in range(options.rounds):
            for effort in EFFORTS if number % 2 == 0 else EFFORTS[::-1]:
                seen[effort].append(profile(options.image, words, effort, scratch))
    found: dict[str, object] = {"image": options.image, "rounds": options.rounds}
    worst = 0.0
    print(f"{'':8} {'off s':>8} {'safe s':>8} {'ratio':>6} {'range':>13} {'bound':>6}")
    for part, bound in (("seconds", BOUND), ("cpu", None)):
        pairs = [
            (getattr(off, part), getattr(safe, part))
            for off, safe in zip(seen["off"], seen["safe"], strict=True)
        ]
        ratios = [safe / off for off, safe in pairs]
        off, safe, ratio = (
            statistics.median(one for one, _ in pairs),
            statistics.median(two for _, two in pairs),
            statistics.median(ratios),
        )
        found[part] = {
            "off": off,
            "safe": safe,
            "ratio": ratio,
            "least": min(ratios),
            "most": max(ratios),
        }
        worst = max(worst, ratio) if bound else worst
        print(
            f"{part:8} {off:8.2f} {safe:8.2f} {ratio:6.2f}"
            f" {f'{min(ratios):.2f}-{max(ratios):.2f}':>13} {bound or '':>6}"
        )
    print("cpu: careen's own processes; what the containers compute is in the seconds alone")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if worst > BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
