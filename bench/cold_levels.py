"""One profile of each subject of the cold corpus, stripped at every level: size, cold cases that
pass, and the adequacy of the profile.

    python -m bench.cold_levels [--subjects nginx,redis,web] [--levels observed,closure,package]
    [--explore safe] [--json FILE]

Needs root, docker and what the subjects are built with. `careen profile` runs once with the
subject's own few tests, and `careen strip` makes an image of the RBOM for each level: nothing
verifies or repairs it. Every cold case is asked of each. Below the table: does a low adequacy go
with much that breaks at `observed`? The same of what the profile used for itself (the share of the
`closure` image's size that the `observed` image has), and of what it had used already when
exploration came (recapture: the share of the files that exploration of the service used and the
tests had used). Subjects are compared in pairs (Kendall's tau, ties left out): 1 where the lower
one always broke more, 0 where it is a coin's toss. Status 1 when a subject could not be measured,
or a case fails at `closure` or `package`.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from bench._room import ending
from careen.errors import CareenError, ToolError
from careen.model.rbom import IMPORT_SWEEP
from careen.model.runs.trace import Use
from careen.tools.process import run
from tests.cold.build import image_of
from tests.cold.judge import ask_all, ask_original, run_careen, size_of, started, watched
from tests.cold.subject import Subject, read_subject

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "cold"
LEVELS = ("observed", "closure", "package")


@dataclass(frozen=True, slots=True)
class Level:
    """The image of a level: its size in bytes as docker counts it, and the names of the cases that
    fail on it.
    """

    size: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject: the original's size in bytes, adequacy and recapture (0 to 1; None: unknown) of
    its profile, how many cases were asked, each level's image.
    """

    subject: str
    size: int
    adequacy: float | None
    recapture: float | None
    cases: int
    levels: dict[str, Level]

    @property
    def broken(self) -> float:
        """The share of the cases that fails at `observed`."""
        return len(self.levels["observed"].failed) / self.cases

    @property
    def used(self) -> float | None:
        """How large the `observed` image is, as a share of the one of `closure`."""
        closure = self.levels.get("closure")
        return self.levels["observed"].size / closure.size if closure else None


def measure(subject: Subject, levels: Sequence[str], explore: str) -> Measured:
    """Profile once, strip and ask at each level. Raises CareenError when a case fails on the
    original, or careen refuses.
    """
    with (
        image_of(subject) as original,
        tempfile.TemporaryDirectory(prefix="careen-bench-") as scratch,
    ):
        references = ask_original(subject, original, _tell)
        rbom = Path(scratch) / "rbom.json"
        _careen(
            "profile",
            original,
            "-o",
            str(rbom),
            *watched(subject, explore, Path(scratch)),
            *started(subject),
        )
        found: dict[str, Level] = {}
        for level in levels:
            tag = f"careen-cold/{subject.name}:{level}"
            try:
                _careen("strip", original, "--rbom", str(rbom), "--level", level, "-t", tag)
                outcomes = ask_all(subject, tag, references, _tell)
                found[level] = Level(
                    size_of(tag), tuple(outcome.case for outcome in outcomes if not outcome.passed)
                )
            finally:
                run(["docker", "image", "rm", "-f", tag], timeout=120)
        known = json.loads(rbom.read_text())
        return Measured(
            subject.name,
            size_of(original),
            adequacy_of(known),
            recapture_of(known),
            len(subject.cases),
            found,
        )


def adequacy_of(rbom: dict[str, Any]) -> float | None:
    """Return the least adequacy of the workloads of an RBOM; None where one is unknown."""
    scores = [
        entry.get("adequacy")
        for entry in rbom["runs"]
        if entry.get("kind", "workload") == "workload"
    ]
    known = [score for score in scores if score is not None]
    return min(known) if known and len(known) == len(scores) else None


def recapture_of(rbom: dict[str, Any]) -> float | None:
    """Return which share of the files with content that exploration of the service used, the import
    sweep apart, the workload had used; None without one.
    """
    origins = rbom["origins"]
    explored = {index for index, origin in enumerate(origins) if origin.startswith("explore:")}
    swept = {index for index, origin in enumerate(origins) if origin == IMPORT_SWEEP}
    used = [
        {use["origin"] for use in file.get("uses", ()) if use["use"] != Use.LOOKED_UP.value}
        for file in rbom["files"]
    ]
    found = [by for by in used if by & (explored - swept)]
    return sum(1 for by in found if by - explored) / len(found) if found else None


def tau(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Kendall's tau of what is low against what breaks: pairs in which the lower one broke more,
    less those in which it broke less, over both.
    """
    signs = [(one[0] - two[0]) * (one[1] - two[1]) for one, two in combinations(pairs, 2)]
    for_it, against = sum(sign < 0 for sign in signs), sum(sign > 0 for sign in signs)
    return (for_it - against) / (for_it + against) if for_it or against else None


def _careen(*words: str) -> None:
    done = run_careen(words)
    if done.status != 0:
        msg = (
            f"careen {words[0]} {words[1]} ended with {done.status}:"
            f" {(done.stderr + done.stdout).decode('utf-8', 'replace')[-2000:]}"
        )
        raise ToolError(msg)


def _tell(line: str) -> None:
    if "FAIL" in line:
        print(f"  {line:.200}", flush=True)


def show(one: Measured, levels: Sequence[str]) -> str:
    """Return a row of the table."""
    adequacy = "unknown" if one.adequacy is None else f"{one.adequacy:.0%}"
    cells = [
        f"{one.levels[level].size / 1e6:>7.0f} MB"
        f" {one.cases - len(one.levels[level].failed):>3}/{one.cases:<3}"
        for level in levels
    ]
    return f"{one.subject:<12} {one.size / 1e6:>7.0f} MB {' '.join(cells)} {adequacy:>8}"


def predictions(found: Sequence[Measured]) -> list[str]:
    """Return a line for each measure that might tell what breaks at `observed`."""
    measures: list[tuple[str, Callable[[Measured], float | None]]] = [
        ("adequacy", lambda one: one.adequacy),
        ("share of closure used", lambda one: one.used),
        ("recapture", lambda one: one.recapture),
    ]
    lines = []
    for name, value in measures:
        pairs = [(score, one.broken) for one in found if (score := value(one)) is not None]
        agreement = tau(pairs)
        lines.append(
            f"{name}: tau {'unknown' if agreement is None else f'{agreement:+.2f}'} of {len(pairs)}"
            " subjects"
        )
    return lines


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--subjects",
        type=lambda text: text.split(","),
        default=sorted(path.parent.name for path in CORPUS.glob("*/case.toml")),
    )
    parser.add_argument("--levels", type=lambda text: text.split(","), default=list(LEVELS))
    parser.add_argument("--explore", choices=["off", "safe", "deep"], default="safe")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: list[Measured] = []
    lost: list[str] = []
    with ending():
        for name in options.subjects:
            try:
                found.append(
                    measure(read_subject(CORPUS / name, ROOT), options.levels, options.explore)
                )
                print(show(found[-1], options.levels), flush=True)
            except CareenError as error:
                lost.append(f"{name}: {error}")
                print(f"{name}: {error}", flush=True)
            if options.json:
                options.json.write_text(
                    json.dumps({"subjects": [asdict(one) for one in found], "lost": lost}, indent=1)
                    + "\n"
                )
    if "observed" in options.levels:
        print(*predictions(found), sep="\n")
    wrong = any(
        one.levels[level].failed for one in found for level in options.levels if level != "observed"
    )
    raise SystemExit(1 if lost or wrong else 0)


if __name__ == "__main__":
    main()
