"""One try: a Dockerfile of the corpus built with the given bases, and its image tested."""

import json
import re
import secrets as tokens
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.model.catalog.migration import StageMove
from careen.tools.process import Finished, run
from tests.bases.corpus import Subject
from tests.bases.registries import secrets, with_mounts

BUILD_SECONDS = 900.0
RUN_SECONDS = 120.0
_POLL_SECONDS = 0.2
_SHOWN = 160
_TELLING = ("unable to start", "rror: ", "not found", "denied", "unable", "failed", "ERROR")
_NOISE = re.compile(
    r"^#\d{1,4} (?:\d{1,6}\.\d{1,6} )?|^.{0,400}unable to start container process: "
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a subject came out on one variant of its last base; `said` is "" if it passed."""

    name: str
    variant: str
    said: str


def tried(subject: Subject, moves: Sequence[StageMove]) -> Outcome:
    """Build a subject with these bases and test its image; nothing of it stays but build cache."""
    variant = next((move.variant for move in reversed(moves) if move.after), "")
    tag = f"careen-base-corpus/{subject.name}:{variant or 'none'}-{tokens.token_hex(4)}"
    try:
        said = _built(subject, subject.swapped(moves), tag)
        if not said:
            smoke = subject.smoke
            said = _service(subject, tag) if smoke.port or smoke.log else _ended(subject, tag)
        return Outcome(subject.name, variant, said)
    finally:
        run(["docker", "image", "rm", "--force", tag], timeout=RUN_SECONDS)


def _built(subject: Subject, text: str, tag: str) -> str:
    with tempfile.TemporaryDirectory(prefix="careen-bases-") as name:
        scratch = Path(name)
        file = scratch / "Dockerfile"
        file.write_text(with_mounts(text, subject), encoding="utf-8")
        argv = ["docker", "build", "--network", "host" if subject.network else "none"]
        argv += ["--progress", "plain"]
        argv += ["-t", tag, "-f", str(file), *secrets(subject.network, scratch)]
        argv += [f"--build-arg={key}={value}" for key, value in subject.arguments.items()]
        built = run([*argv, str(subject.folder)], timeout=BUILD_SECONDS)
    if built.status == 0:
        return ""
    return f"build: {_telling(_said(built))}"


def _ended(subject: Subject, tag: str) -> str:
    began = run(["docker", "run", "--detach", "--network", "none", tag], timeout=RUN_SECONDS)
    container = began.text.strip()
    try:
        waited = run(["docker", "wait", container], timeout=RUN_SECONDS)
        # The logs are whole; what `docker run` shows of a container that ends at once may not be.
        logs = run(["docker", "logs", container], timeout=RUN_SECONDS)
    finally:
        run(["docker", "rm", "--force", "--volumes", container], timeout=RUN_SECONDS)
    if began.status == 0 and waited.text.strip() == "0" and logs.text.strip() == subject.expected:
        return ""
    said = logs.text + _said(logs) if began.status == 0 else _said(began)
    return f"run: status {waited.text.strip() or began.status}, {_telling(said)}"


def _service(subject: Subject, tag: str) -> str:
    port = [f"--publish=127.0.0.1::{subject.smoke.port}"] if subject.smoke.port else []
    began = run(["docker", "run", "--detach", *port, tag], timeout=RUN_SECONDS)
    container = began.text.strip()
    if began.status != 0:
        run(["docker", "rm", "--force", container], timeout=RUN_SECONDS)
        return f"run: {_telling(_said(began))}"
    try:
        return _answered(subject, container)
    finally:
        run(["docker", "rm", "--force", "--volumes", container], timeout=RUN_SECONDS)


def _answered(subject: Subject, container: str) -> str:
    deadline = time.monotonic() + RUN_SECONDS
    heard = ""
    while time.monotonic() < deadline:
        state = _state(container)
        logs = run(["docker", "logs", container], timeout=RUN_SECONDS)
        heard = _asked(subject, state) if subject.smoke.port else logs.text
        healthy = not subject.smoke.healthy or state["State"]["Health"]["Status"] == "healthy"
        if subject.expected in heard and healthy:
            return ""
        if not state["State"]["Running"]:
            ended = state["State"]["ExitCode"]
            return f"run: status {ended}, {_telling(logs.text + _said(logs))}"
        time.sleep(_POLL_SECONDS)
    return f"run: no such answer in {RUN_SECONDS:.0f} s: {heard[-_SHOWN:]!r}"


def _state(container: str) -> dict:  # type: ignore[type-arg]  # docker's own document
    done = run(["docker", "inspect", container], timeout=RUN_SECONDS)
    return json.loads(done.text)[0]  # type: ignore[no-any-return]


def _asked(subject: Subject, state: dict) -> str:  # type: ignore[type-arg]
    places = state["NetworkSettings"]["Ports"].get(f"{subject.smoke.port}/tcp")
    if not places:
        return ""
    url = f"http://127.0.0.1:{places[0]['HostPort']}{subject.smoke.path}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read(1 << 16).decode("utf-8", "replace"))
    except (OSError, urllib.error.URLError) as error:
        return str(error)


def _said(done: Finished) -> str:
    return done.stderr.decode("utf-8", "replace")


def _telling(text: str) -> str:
    """Return the line that says most of a failure, cut."""
    rows = [row.strip() for row in text.strip().splitlines() if row.strip()] or ["no output"]
    row = next((x for word in _TELLING for x in reversed(rows) if word in x), rows[-1])
    while found := _NOISE.match(row):
        row = row[found.end() :]
    return row if len(row) <= _SHOWN else f"{row[: _SHOWN // 2]} … {row[-_SHOWN // 2 :]}"
