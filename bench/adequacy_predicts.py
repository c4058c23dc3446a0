"""Does adequacy predict what breaks? Subjects of the cold corpus, hardened at `observed` after
profiles of growing breadth, and asked what no profile showed.

    python -m bench.adequacy_predicts [--subjects nginx,redis,web] [--explore safe] [--json FILE]

Needs root, docker and what the subjects are built with. Of a subject's cold cases those that can be
asked of one running service, which the profile watches, are shuffled (always alike), and every
second is *taught*: a part of them (none, a third, two thirds, all) is asked while the profile runs,
besides the subject's own tests. The other cases are held out, and asked of the image that came of
it, which verification did not repair. A point is one such image: its adequacy score, and how many
of the cases held out fail on it. Points of one subject are compared in pairs: where the scores
differ, does the image with the higher score break less?
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

from bench._room import ending
from careen.errors import CareenError
from careen.tools.process import run
from tests.cold.ask import ask_in, wrong_with
from tests.cold.build import image_of
from tests.cold.judge import Hardening, ask_all, ask_original, careens, harden
from tests.cold.subject import Case, Subject, read_subject

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "cold"
THIRDS = 3


@dataclass(frozen=True, slots=True)
class Point:
    """An image: how many cases its profile was taught, its adequacy (0 to 1), and what came of the
    cases held out. `score` is None where it is unknown.
    """

    subject: str
    taught: int
    score: float | None
    broken: int
    held: int

    @property
    def share(self) -> float:
        return self.broken / self.held


def split(cases: Iterable[Case]) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """Return the cases that a profile may be taught, and those held out; the order is the same each
    time, and nobody's.
    """
    shuffled = sorted(cases, key=lambda case: hashlib.sha256(case.name.encode()).digest())
    askable = [
        case
        for case in shuffled
        if not case.own and case.action != "run" and not any("IMAGE" in word for word in case.words)
    ]
    taught = tuple(askable[::2])
    return taught, tuple(case for case in shuffled if case not in taught)


def within(subject: Subject, count: int) -> int:
    """Ask the first cases of the container that a profile runs, and leave a report that tells when
    each ran; 1 if one went wrong.
    """
    container = careens(subject)
    suite = ET.Element("testsuite", name=subject.name)
    failed = 0
    for case in split(subject.cases)[0][:count]:
        at, begun = dt.datetime.now(dt.UTC).isoformat(), time.monotonic()
        wrong = wrong_with(case.expected, ask_in(case, subject, container), None)
        element = ET.SubElement(
            suite, "testcase", name=case.name, timestamp=at, time=f"{time.monotonic() - begun:.3f}"
        )
        if wrong:
            failed += 1
            ET.SubElement(element, "failure", message=wrong)
            print(f"{case.name}: {wrong}", file=sys.stderr)
    ET.ElementTree(suite).write(Path(os.environ["CAREEN_RESULTS"]) / "taught.xml", encoding="utf-8")
    return min(failed, 1)


def points(subject: Subject, explore: str) -> list[Point]:
    """Harden the subject after each profile and ask what was held out. Raises CareenError when a
    case fails on the original, or careen refuses.
    """
    taught, held = split(subject.cases)
    out: list[Point] = []
    with image_of(subject) as original:
        references = ask_original(subject, original, _tell)
        for count in sorted({round(len(taught) * third / THIRDS) for third in range(THIRDS + 1)}):
            tag = f"careen-cold/{subject.name}:adequacy"
            also = (
                f"cd {ROOT} && {sys.executable} -m bench.adequacy_predicts --within {subject.name}"
                f" --count {count}"
                if count
                else ""
            )
            with tempfile.TemporaryDirectory(prefix="careen-bench-") as reports:
                try:
                    harden(
                        subject,
                        original,
                        Hardening("observed", explore, also=also, reports=reports),
                        tag,
                    )
                    outcomes = ask_all(replace(subject, cases=held), tag, references, _tell)
                finally:
                    run(["docker", "image", "rm", "-f", tag], timeout=120)
                score = json.loads((Path(reports) / subject.name / "adequacy.json").read_text())[
                    "score"
                ]
            out.append(
                Point(
                    subject.name,
                    count,
                    score,
                    sum(not outcome.passed for outcome in outcomes),
                    len(outcomes),
                )
            )
            shown = "unknown" if score is None else f"{score:.0%}"
            print(
                f"{subject.name:<10} {count:>3} cases taught: adequacy {shown:>7},"
                f" {out[-1].broken:>2} of {out[-1].held} cases held out fail",
                flush=True,
            )
    return out


def agreement(found: Sequence[Point]) -> tuple[int, int, int]:
    """Return in how many pairs of one subject with different scores the higher one broke less, as
    much, and more.
    """
    less = alike = more = 0
    for one, two in combinations([point for point in found if point.score is not None], 2):
        if one.subject != two.subject or one.score == two.score:
            continue
        low, high = sorted((one, two), key=lambda point: point.score or 0.0)
        less += high.share < low.share
        alike += high.share == low.share
        more += high.share > low.share
    return less, alike, more


def by_score(found: Sequence[Point]) -> list[tuple[str, int, int, int]]:
    """Return for each range of scores its name, how many images, and how many of their held-out
    cases fail, of how many.
    """
    known = [(point.score, point) for point in found if point.score is not None]
    out = []
    for low, high in ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.01)):
        inside = [point for score, point in known if low <= score < high]
        out.append(
            (
                f"{low:.0%} to {min(high, 1.0):.0%}",
                len(inside),
                sum(point.broken for point in inside),
                sum(point.held for point in inside),
            )
        )
    return out


def _tell(line: str) -> None:
    if "FAIL" in line:
        print(f"  {line:.200}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, write JSON; exit 1 when a subject could not be measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--subjects", type=lambda text: text.split(","), default=["nginx", "redis", "web"]
    )
    parser.add_argument("--explore", choices=["off", "safe", "deep"], default="safe")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--within", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.within:
        raise SystemExit(within(read_subject(CORPUS / options.within, ROOT), options.count))
    found: list[Point] = []
    lost = 0
    with ending():
        for name in options.subjects:
            try:
                found += points(read_subject(CORPUS / name, ROOT), options.explore)
            except CareenError as error:
                lost += 1
                print(f"{name}: {error}", file=sys.stderr, flush=True)
    less, alike, more = agreement(found)
    print("adequacy      images   held-out cases that fail")
    for name, images, broken, held in by_score(found):
        print(
            f"{name:<13} {images:>6}  "
            f" {f'{broken} of {held} ({broken / held:.0%})' if held else '-'}"
        )
    print(
        f"pairs of one subject: the higher score broke less in {less}, as much in {alike}, more in"
        f" {more}"
    )
    if options.json:
        figures = {
            "points": [asdict(point) for point in found],
            "pairs": {"less": less, "alike": alike, "more": more},
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    raise SystemExit(1 if lost else 0)


if __name__ == "__main__":
    main()
