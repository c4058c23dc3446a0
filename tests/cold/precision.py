"""`python -m tests.cold.precision [SUBJECT …]`: what the cold cases use of what a plan keeps beyond its profile (shares.py)."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

import click

from careen.errors import CareenError, ToolError
from careen.plan.store import load_plan
from careen.rbom.store import load_rbom
from careen.tools.process import check, run
from tests.cold.build import image_of
from tests.cold.judge import ask_all, careens, run_careen, started, watched
from tests.cold.shares import Precision, is_sweep, lines_of, measure, record_of, sizes_of
from tests.cold.subject import Subject, read_subject

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--level", type=click.Choice(["observed", "closure", "package"]), default="closure", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where RBOMs and plans stay; what is there is used again.")
@click.option("--json", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here, too.")
@click.option("--asking", type=click.Choice(["cases", "sweeps"]), hidden=True, help="As a test of careen: ask the cases of the container that it runs.")
def main(names: tuple[str, ...], level: str, folder: Path | None, target: Path | None, asking: str | None) -> None:
    """Profile the subjects, plan, ask all cold cases of the originals under the sensor, and print by reason code how many of the kept bytes they used."""
    subjects = [read_subject(HERE / name, ROOT) for name in names or sorted(path.parent.name for path in HERE.glob("*/case.toml"))]
    if asking:
        _ask(subjects[0], asking)
        return
    records, broken = [], []
    with tempfile.TemporaryDirectory(prefix="careen-cold-") as scratch:
        for subject in subjects:
            try:
                precision = _measured(subject, level, (folder or Path(scratch)) / subject.name)
            except CareenError as error:
                broken.append(f"{subject.name}: {error}")
                continue
            records.append(record_of(subject.name, precision))
            click.echo(f"== {subject.name} at {level}")
            click.echo("\n".join(lines_of(precision)))
    for line in broken:
        click.echo(f"BROKEN {line}")
    if target:
        target.write_text(json.dumps({"level": level, "subjects": records, "broken": broken}, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if broken else 0)


def sorts_of(subject: Subject) -> Mapping[str, Subject]:
    """Return the subject with the cases that sweep, and with the others."""
    sweeps = tuple(case for case in subject.cases if is_sweep((case.stdin, *case.options, *case.words)))
    others = tuple(case for case in subject.cases if case not in sweeps)
    return {"cases": replace(subject, cases=others), "sweeps": replace(subject, cases=sweeps)}


def _ask(subject: Subject, asking: str) -> None:
    """Ask the cases of one sort; whether they pass is another question, and is told on standard error."""
    chosen = sorts_of(subject)[asking]
    running = None if subject.ready == "exit" else careens(subject)
    outcomes = ask_all(chosen, os.environ["CAREEN_IMAGE"], {}, lambda line: click.echo(line, err=True), running)
    failed = [outcome.case for outcome in outcomes if not outcome.passed]
    Path(os.environ["CAREEN_COLD_ASKED"]).write_text(json.dumps(failed), encoding="utf-8")


def _measured(subject: Subject, level: str, folder: Path) -> Precision:
    folder.mkdir(parents=True, exist_ok=True)
    with image_of(subject) as image:
        profile = _kept(folder / "rbom.json", lambda path: _careen("profile", image, "-o", str(path), *watched(subject, "safe", folder), *started(subject)))
        words = ("--rbom", str(profile), "--level", level, "--engine", "docker", "--config", str(folder / "careen.toml"))
        (folder / "careen.toml").touch()
        plan = _kept(folder / f"plan-{level}.json", lambda path: _careen("plan", image, "-o", str(path), *words))
        sorts = sorts_of(subject)
        asked = {name: _kept(folder / f"{name}.json", _asker(subject, image, name, folder)) for name, chosen in sorts.items() if chosen.cases}
        with _exported(image) as stream:
            sizes = sizes_of(stream)
    boms = {name: load_rbom(path) for name, path in asked.items()}
    failed = [case for name in asked if (told := folder / f"{name}-failed.json").exists() for case in json.loads(told.read_text(encoding="utf-8"))]
    precision = measure(load_plan(plan), sizes, load_rbom(profile), boms["cases"], boms.get("sweeps"))
    return replace(precision, unwatched=(*precision.unwatched, *(f"case {case!r} did not pass" for case in failed)))


def _kept(path: Path, make: Callable[[Path], None]) -> Path:
    if not path.exists():
        make(path)
    return path


def _asker(subject: Subject, image: str, name: str, folder: Path) -> Callable[[Path], None]:
    """Return what profiles the image with the cases of one sort as its only test. Containers that cases start are watched by careen as those of any test."""
    told = shlex.quote(str(folder / f"{name}-failed.json"))
    command = f"CAREEN_COLD_ASKED={told} {shlex.quote(sys.executable)} -m tests.cold.precision {subject.name} --asking {name}"
    asking = replace(subject, profile=command, profile_folder=ROOT)
    limit = ["--test-timeout", "60m"]
    return lambda path: _careen("profile", image, "-o", str(path), *watched(asking, "off", folder), *limit, *started(subject))


def _careen(*words: str) -> None:
    done = run_careen(words)
    if done.status != 0:
        msg = f"careen {words[0]} ended with {done.status}: {(done.stderr + done.stdout).decode('utf-8', 'replace')[-2000:]}"
        raise ToolError(msg)


@contextlib.contextmanager
def _exported(image: str) -> Iterator[IO[bytes]]:
    """Give the root of an image as a tar stream, by a container that is never started."""
    container = check(["docker", "create", image, "-"], timeout=120, doing=f"making a container of {image}").text.strip()
    try:
        with subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield process.stdout
    finally:
        run(["docker", "rm", "-f", container], timeout=120)


if __name__ == "__main__":
    main()
