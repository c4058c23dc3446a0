"""`python -m tests.cold.precision [SUBJECT …]`: what cold cases use of what a plan keeps."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
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
from tests.cold.subject import Case, Subject, read_subject

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LEVELS = click.Choice(["observed", "closure", "package"])
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--level", type=LEVELS, default="closure", show_default=True)
@click.option("--folder", type=FOLDER, help="Where RBOMs and plans stay, to be used again.")
@click.option("--json", "target", type=FILE, help="Write the figures here, too.")
@click.option("--asking", type=click.Choice(["cases", "sweeps"]), hidden=True)
def main(names: tuple[str, ...], **given: object) -> None:
    """Profile the subjects, plan, and ask all cold cases of the originals under the sensor.

    Prints by reason code how many of the bytes that are kept beyond the profile they used.
    """
    chosen = names or sorted(path.parent.name for path in HERE.glob("*/case.toml"))
    subjects = [read_subject(HERE / name, ROOT) for name in chosen]
    if given["asking"]:  # careen calls this as its test
        _ask(subjects[0], str(given["asking"]))
        return
    records, broken = [], []
    with tempfile.TemporaryDirectory(prefix="careen-cold-") as scratch:
        folder = Path(str(given["folder"] or scratch)).absolute()
        for subject in subjects:
            try:
                precision = _measured(subject, str(given["level"]), folder / subject.name)
            except CareenError as error:
                broken.append(f"{subject.name}: {error}")
                continue
            records.append(record_of(subject.name, precision))
            click.echo(f"== {subject.name} at {given['level']}")
            click.echo("\n".join(lines_of(precision)))
    for line in broken:
        click.echo(f"BROKEN {line}")
    if given["target"]:
        document = {"level": given["level"], "subjects": records, "broken": broken}
        Path(str(given["target"])).write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(1 if broken else 0)


def sorts_of(subject: Subject) -> Mapping[str, Subject]:
    """Return the subject with the cases that sweep whole libraries, and with the others."""
    sorts: dict[str, list[Case]] = {"cases": [], "sweeps": []}
    for case in subject.cases:
        texts = (case.stdin, *case.options, *case.words)
        sorts["sweeps" if is_sweep(texts) else "cases"].append(case)
    return {name: replace(subject, cases=tuple(cases)) for name, cases in sorts.items()}


def _ask(subject: Subject, asking: str) -> None:
    """Ask the cases of one sort; those that do not pass are told in a file."""
    chosen = sorts_of(subject)[asking]
    running = None if subject.ready == "exit" else careens(subject)

    def tell(line: str) -> None:
        click.echo(line, err=True)

    outcomes = ask_all(chosen, os.environ["CAREEN_IMAGE"], {}, tell, running)
    failed = [outcome.case for outcome in outcomes if not outcome.passed]
    Path(os.environ["CAREEN_COLD_ASKED"]).write_text(json.dumps(failed), encoding="utf-8")


def _measured(subject: Subject, level: str, folder: Path) -> Precision:
    folder.mkdir(parents=True, exist_ok=True)
    plan, profile = folder / f"plan-{level}.json", folder / "rbom.json"
    options = watched(subject, "safe", folder)
    with image_of(subject) as image:
        _careen(profile, "profile", image, *options, *started(subject))
        words = ("--rbom", str(profile), "--level", level, "--engine", "docker")
        _careen(plan, "plan", image, *words, "--config", str(folder / "careen.toml"))
        asked = [name for name, chosen in sorts_of(subject).items() if chosen.cases]
        for name in asked:
            _careen(folder / f"{name}.json", "profile", image, *_asking(subject, name, folder))
        with _exported(image) as stream:
            sizes = sizes_of(stream)
    boms = {name: load_rbom(folder / f"{name}.json") for name in asked}
    found = measure(
        load_plan(plan),
        sizes,
        load_rbom(profile),
        boms["cases"],
        boms.get("sweeps"),
    )
    failed = [case for name in asked for case in _failed(_told(folder, name))]
    lines = (f"case {case!r} did not pass" for case in failed)
    return replace(found, unwatched=(*found.unwatched, *lines))


def _asking(subject: Subject, name: str, folder: Path) -> list[str]:
    """Return careen's words for a profile whose only test asks the cases of one sort.

    Containers that cases start are watched by careen as those of any test.
    """
    words = [sys.executable, "-m", "tests.cold.precision", subject.name, "--asking", name]
    command = f"CAREEN_COLD_ASKED={shlex.quote(str(_told(folder, name)))} {shlex.join(words)}"
    asking = replace(subject, profile=command, profile_folder=ROOT)
    return [*watched(asking, "off", folder), "--test-timeout", "120m", *started(subject)]


def _told(folder: Path, name: str) -> Path:
    return folder / f"{name}-failed.json"


def _failed(told: Path) -> list[str]:
    return list(json.loads(told.read_text(encoding="utf-8"))) if told.exists() else []


def _careen(output: Path, command: str, image: str, *words: str) -> None:
    """Run careen unless what it would write is there. Raises ToolError with its last lines."""
    if output.exists():
        return
    done = run_careen([command, image, "-o", str(output), *words])
    if done.status != 0:
        text = (done.stderr + done.stdout).decode("utf-8", "replace")
        msg = f"careen {command} ended with {done.status}: {text[-2000:]}"
        raise ToolError(msg)


@contextlib.contextmanager
def _exported(image: str) -> Iterator[IO[bytes]]:
    """Give the root of an image as a tar stream, by a container that is never started."""
    doing = f"making a container of {image}"
    words = ["docker", "create", image, "-"]
    container = check(words, timeout=120, doing=doing).text.strip()
    try:
        words = ["docker", "export", container]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield process.stdout
    finally:
        run(["docker", "rm", "-f", container], timeout=120)


if __name__ == "__main__":
    main()
