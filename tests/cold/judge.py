"""Judge a subject: all cases on its original, harden with the profile alone, all cases on the
result.
"""

import contextlib
import json
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import Finished, check, run
from tests.cold.ask import Answer, Asker, Outcome
from tests.cold.build import image_of
from tests.cold.container import Container
from tests.cold.memory import Memory
from tests.cold.subject import Case, Subject

HARDEN_SECONDS = 3600.0
MEMORY = Path(__file__).parents[2] / "build" / "cold"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a subject: sizes in bytes as docker counts them, and the outcome of each case
    on the hardened image.
    """

    subject: str
    level: str
    before: int
    after: int
    seconds: float
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> int:
        return sum(outcome.passed for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Hardening:
    """How a subject is hardened: careen's level, how much it explores, and whether it may repair
    what the cold cases, as tests of verification alone, miss.

    `also` is one more test of the profile, `reports` the folder below which the report stays (""
    for that of CAREEN_COLD_REPORTS, or none). `patience` multiplies the time limits of such tests.
    """

    level: str
    explore: str = "safe"
    repair: bool = False
    also: str = ""
    reports: str = ""
    patience: float = 1.0


def judge(subject: Subject, how: Hardening, tell: Callable[[str], None], kept: str = "") -> Verdict:
    """Return the verdict; `kept` is a tag under which the hardened image stays, and the original
    beside it with `-original` at its end.

    Raises ToolError when a case fails on the original (the case is wrong, then) or when careen
    refuses.
    """
    began = time.monotonic()
    with image_of(subject) as original:
        references = ask_original(subject, original, tell)
        tag = kept or f"careen-cold/{subject.name}:{how.level}"
        try:
            tell(f"hardening {original} at {how.level}")
            harden(subject, original, how, tag)
            if kept:
                beside = f"{kept}-original"
                check(["docker", "tag", original, beside], timeout=60, doing=f"tagging {beside}")
            return Verdict(
                subject.name,
                how.level,
                size_of(original),
                size_of(tag),
                time.monotonic() - began,
                ask_all(subject, tag, references, tell),
            )
        finally:
            if not kept:
                run(["docker", "image", "rm", "-f", tag], timeout=120)


def ask_original(subject: Subject, image: str, tell: Callable[[str], None]) -> Mapping[str, Answer]:
    """Return the original's answer to each case, from memory where it is known. Raises ToolError
    that names the cases which fail on it.
    """
    memory = Memory(MEMORY, subject, image)
    outcomes = []
    with Asker(subject, image) as asker:
        for case in subject.cases:
            known = memory.recall(case)
            outcome = asker.ask(case) if known is None else Outcome(case.name, known, "")
            outcomes.append(outcome)
            if outcome.passed and known is None:
                memory.keep(case, outcome.answer)
                tell(f"original: ok   {case.name}")
    if wrong := [outcome for outcome in outcomes if not outcome.passed]:
        for outcome in wrong:
            tell(f"original: FAIL {outcome.case}: {outcome.wrong}")
        msg = (
            f"{subject.name}: {len(wrong)} cases fail on the original, so they say nothing:"
            f" {', '.join(repr(outcome.case) for outcome in wrong)}"
        )
        raise ToolError(msg)
    tell(f"original: all {len(outcomes)} cases pass")
    return {outcome.case: outcome.answer for outcome in outcomes}


def ask_all(
    subject: Subject,
    image: str,
    references: Mapping[str, Answer],
    tell: Callable[[str], None],
    running: Container | None = None,
) -> tuple[Outcome, ...]:
    """Ask the cases of an image, of the service that is `running` what needs no container of its
    own.
    """
    outcomes = []
    with Asker(subject, image, running) as asker:
        for case in subject.cases:
            outcome = asker.ask(case, references.get(case.name))
            outcomes.append(outcome)
            tell(
                f"hardened: {'ok  ' if outcome.passed else 'FAIL'}"
                f" {case.name}{'' if outcome.passed else f': {outcome.wrong}'}"
            )
    return tuple(outcomes)


def ask_concurrently(
    subject: Subject, image: str, references: Mapping[str, Answer], at_once: int
) -> tuple[Outcome, ...]:
    """Ask the cases of an image, up to `at_once` at a time: most of their time is waiting.
    Cases that share a container are asked one after the other.
    """
    alone = [case for case in subject.cases if case.own or case.action == "run"]
    groups = [[case for case in subject.cases if case not in alone], *([case] for case in alone)]

    def ask(cases: Sequence[Case]) -> list[Outcome]:
        with Asker(subject, image) as asker:
            return [asker.ask(case, references.get(case.name)) for case in cases]

    with ThreadPoolExecutor(at_once) as pool:
        outcomes = {outcome.case: outcome for group in pool.map(ask, groups) for outcome in group}
    return tuple(outcomes[case.name] for case in subject.cases)


def ask_given(
    subject: Subject,
    image: str,
    tell: Callable[[str], None],
    original: str = "",
    *,
    here: bool = False,
) -> tuple[Outcome, ...]:
    """Ask the cases of an image that is there, with the original's answers as reference; the
    original is built unless it is there under a name. `here`: careen runs the image's service as it
    calls this.
    """
    with contextlib.nullcontext(original) if original else image_of(subject) as reference:
        references = ask_original(subject, reference, tell)
    return ask_all(subject, image, references, tell, careens(subject) if here else None)


def careens(subject: Subject) -> Container:
    """Return the container of the subject's service that careen has started for a test, by the
    environment that it gives to tests.
    """
    port = os.environ.get(f"CAREEN_PORT_{subject.port}", "")
    return Container(
        os.environ["CAREEN_CONTAINER"], os.environ["CAREEN_IMAGE"], f"http://127.0.0.1:{port}"
    )


def harden(subject: Subject, original: str, how: Hardening, tag: str) -> None:
    """Run `careen harden` with the subject's profile and nothing else. Raises ToolError with its
    last line.
    """
    with tempfile.TemporaryDirectory(prefix="careen-cold-") as folder:
        report = how.reports or os.environ.get("CAREEN_COLD_REPORTS")
        words = [
            "harden",
            original,
            "-t",
            tag,
            "--level",
            how.level,
            "--repair-rounds",
            "8" if how.repair else "0",
        ]
        words += [
            "--report-dir",
            f"{report or folder}/{subject.name}",
            *watched(subject, how.explore, Path(folder)),
        ]
        if how.also:
            words += ["--test", how.also]
        if how.repair:
            asking = (
                f"{sys.executable} -m tests.cold {subject.name} --ask $CAREEN_IMAGE --original"
                f" {original} --here --tap --patience {how.patience:g} --exactly"
            )
            words += [
                word
                for case in subject.cases
                for word in ("--verify-test", f"{asking} {shlex.quote(case.name)}")
            ]
        done = run_careen([*words, *started(subject)])
    if report:
        (Path(report) / f"{subject.name}.log").write_bytes(done.stderr)
    if done.status != 0:
        msg = (
            f"{subject.name}: careen harden ended with {done.status}:"
            f" {(done.stderr + done.stdout).decode('utf-8', 'replace')[-2000:]}"
        )
        raise ToolError(msg)


def watched(subject: Subject, explore: str, folder: Path) -> list[str]:
    """Return the options of careen for the subject's profile; `folder` gets an empty project
    file.
    """
    words = [
        "--engine",
        "docker",
        "--ready",
        _ready(subject),
        "--explore",
        explore,
        "--config",
        _empty(folder),
    ]
    if subject.profile:
        # an image inherits the ports of its base, and careen's BASE_URL is the first of all
        address = (
            f'export BASE_URL="http://127.0.0.1:$CAREEN_PORT_{subject.port}"; '
            if subject.port
            else ""
        )
        words += ["--test", f"cd '{subject.profile_folder}' && {address}{subject.profile}"]
    return words


def started(subject: Subject) -> list[str]:
    """Return how the container is started: the options of `docker run`, and its arguments, which
    end careen's command line.
    """
    return [*subject.options, "--", *subject.args] if subject.args else list(subject.options)


def run_careen(words: Sequence[str]) -> Finished:
    """Run a command of careen with what the subjects' tests expect in the environment; whatever its
    status is.
    """
    return run(
        [sys.executable, "-m", "careen", *words],
        timeout=HARDEN_SECONDS,
        env={**os.environ, "PYTHON": sys.executable},
    )


def size_of(image: str) -> int:
    """The size of an image in docker's store, in bytes."""
    done = check(
        ["docker", "image", "inspect", "-f", "{{json .Size}}", image],
        timeout=60,
        doing=f"asking for the size of {image}",
    )
    return int(json.loads(done.text))


def _ready(subject: Subject) -> str:
    return (
        f"http://localhost:{subject.port}{subject.ready}"
        if subject.ready.startswith("/")
        else subject.ready
    )


def _empty(folder: Path) -> str:
    path = folder / "careen.toml"
    path.touch()
    return str(path)
