"""Repair: needed files removed at random, and how many rounds and seconds it takes until
verification has found and restored them.

    python -m bench.repair [--image NAME] [--ready CHECK] [--test CMD …] [--seeds 1,2,3] [--count
    20] [--level observed] [--unseen] [--json FILE]

Needs root, and docker unless --image names a file. Default: the embedding workload with its tests.
The workload is profiled once. A seed then chooses `count` regular files among those that the
profile saw executed, mapped or opened, removes them with `--remove`, and proves the plan with the
usual five rounds. `restored` counts those of the chosen files that are back at the end; the tests
pass without the others. `seconds` is all of a proof: strip, verify, repair; `plain` is the same
proof with nothing removed. --unseen takes the chosen files out of the profile, too: then nothing
but the failures can tell of them.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench._embed import IMAGE, default_test
from bench._room import room
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.model.runs.workload import ReadyDefault, TestCommand, TestPlace, Workload
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import Profile, make_profile, run_original, runnable
from careen.pipeline.proof.repair import Proving, prove
from careen.pipeline.proof.verify import Baseline
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, ProofChoices, Settings
from careen.pipeline.run.source import Examined, examine, open_source
from careen.report.terminal_output.progress import SilentProgress
from careen.workload.ready import parse_ready

NEEDED = (Use.EXECUTED, Use.MAPPED, Use.OPENED)


@dataclass(frozen=True, slots=True)
class Damage:
    """What is removed of an image, and how it is planned."""

    level: Level
    paths: tuple[ImagePath, ...]
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of one proof. `back` are all paths that rounds restored, with the closure around
    them.
    """

    passed: bool
    rounds: int
    trials: int
    removed: int
    restored: int
    back: int
    seconds: float
    failures: tuple[str, ...] = ()


def needed(bom: RuntimeBom, image: Examined) -> tuple[ImagePath, ...]:
    """The regular files that the profile saw in use, in path order."""
    used = (file for file in bom.files if any(use.use in NEEDED for use in file.uses))
    return tuple(
        sorted(
            file.path
            for file in used
            if (entry := image.rootfs.get(file.path)) is not None and entry.is_file
        )
    )


def chosen(paths: Sequence[ImagePath], count: int, seed: int) -> tuple[ImagePath, ...]:
    """Choose at random; the same seed chooses the same."""
    # an experiment, no secret
    return tuple(sorted(random.Random(seed).sample(list(paths), min(count, len(paths)))))  # noqa: S311


def mend(original: Examined, profile: Profile, damage: Damage, run: Session) -> Mended:
    """Remove, prove, and say how it went; nothing is promoted."""
    globs = tuple(
        "".join(f"[{char}]" if char in "*?[" else char for char in path) for path in damage.paths
    )
    bom = profile.bom
    if damage.unseen:
        bom = replace(bom, files=tuple(file for file in bom.files if file.path not in damage.paths))
    choices = PlanChoices(level=damage.level, remove=globs)
    begun = time.monotonic()
    with prove(
        original,
        bom,
        choices,
        Baseline(profile.observations),
        Proving(ProofChoices().rounds, None),
        run,
    ) as done:
        seconds = time.monotonic() - begun
        if done.proof.prepared is not None:
            run.engine.discard(done.proof.prepared)
        return Mended(
            done.proof.verdict.passed,
            len(done.rounds),
            done.trials,
            len(damage.paths),
            sum(path in done.plan.keep for path in damage.paths),
            sum(each.paths for each in done.rounds),
            round(seconds, 1),
            done.proof.verdict.failures()[:3],
        )


def measure(options: argparse.Namespace, run: Session) -> tuple[Mended, list[Mended]]:
    """Profile once; prove with nothing removed, then once for each seed."""
    tests = tuple(
        TestCommand(TestPlace.HOST, text) for text in options.test or default_test(options.image)
    )
    workload = Workload(
        ready=parse_ready(options.ready) if options.ready else ReadyDefault(), tests=tests
    )
    with open_source(options.image, run) as image:
        original = examine(image, run)
        with runnable(original, run) as prepared:
            observations = run_original(Subject(prepared, image.config, None), (workload,), run)
        profile = make_profile(original, observations, run)
        files = needed(profile.bom, original)
        level = Level(options.level)
        plain = mend(original, profile, Damage(level, ()), run)
        print(
            f"{len(files):,} needed files; with nothing removed: {plain.seconds:.1f} s,"
            f" {'passed' if plain.passed else 'FAILED'}",
            flush=True,
        )
        out = []
        for seed in options.seeds:
            out.append(
                mend(
                    original,
                    profile,
                    Damage(level, chosen(files, options.count, seed), options.unseen),
                    run,
                )
            )
            told = "passed" if out[-1].passed else f"FAILED: {out[-1].failures[0]:.200}"
            print(
                f"seed {seed}: {told}, {out[-1].rounds} rounds, {out[-1].trials} trials,"
                f" {out[-1].restored} of {out[-1].removed} restored, {out[-1].back} paths back,"
                f" {out[-1].seconds:.1f} s",
                flush=True,
            )
    return plain, out


def main() -> None:
    """Measure, print, write JSON; exit 1 when a seed was not mended."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--ready")
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument(
        "--seeds", type=lambda text: [int(item) for item in text.split(",")], default=[1, 2, 3]
    )
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--level", choices=[level.value for level in Level], default="observed")
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--engine", choices=["auto", "docker", "embedded"], default="docker")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with (
        room(8 << 30) as scratch,
        session(Settings(scratch / "work", engine=options.engine), SilentProgress()) as run,
    ):
        plain, found = measure(options, run)
    rounds, seconds = (
        statistics.median(each.rounds for each in found),
        statistics.median(each.seconds for each in found),
    )
    print(
        f"median: {rounds:g} rounds, {seconds:.1f} s ({seconds / plain.seconds:.1f}x a proof with"
        " nothing removed)"
    )
    if options.json:
        figures = {
            "plain": asdict(plain),
            "seeds": {
                str(seed): asdict(each) for seed, each in zip(options.seeds, found, strict=True)
            },
        }
        options.json.write_text(
            json.dumps({**figures, "median_rounds": rounds, "median_seconds": seconds}, indent=2)
            + "\n"
        )
    if not all(each.passed for each in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
