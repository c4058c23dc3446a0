"""Probes of FIPS mode in containers: the image's own `openssl` and Python answer."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.cryptography.probes import (
    OPENSSL,
    judged_openssl,
    judged_python,
    python_program,
)
from careen.engines.sandbox import INSIDE, copy_idle_program, sandbox_options
from careen.model.cryptography.fips import FipsProbe, FipsProof
from careen.model.runs.engine import Container, PreparedImage
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.upgrading.sandbox import require_place

HARDENED, BEFORE = "the hardened image", "the image before files were removed"
PROGRAM = "probe.py"
_SECONDS = 60.0
_OPENSSL, _PYTHON = "openssl", "Python"
_PYTHONS = ("python3", "python", *(f"python3.{minor}" for minor in range(15, 5, -1)))
_DIRECTORIES = ("/opt/venv/bin", "/venv/bin", "/app/.venv/bin", "/usr/local/bin", "/usr/bin")


@dataclass(frozen=True, slots=True)
class Asked:
    """An image that is asked, and what it is called in the proof."""

    prepared: PreparedImage
    examined: Examined
    stage: str


def tools_of(examined: Examined) -> dict[str, str]:
    """Return the programs of an image that can answer: `openssl` and Python, with their paths."""
    stated = examined.image.config.env.get("PATH", "").split(":")
    places = [each for each in (*stated, *_DIRECTORIES) if each.startswith("/")]
    found: dict[str, str] = {}
    for tool, names in ((_OPENSSL, ("openssl",)), (_PYTHON, _PYTHONS)):
        for path in (posixpath.join(place, name) for place in places for name in names):
            entry = examined.rootfs.find(posixpath.normpath(path))
            if entry is not None and entry.is_executable:
                found.setdefault(tool, posixpath.normpath(path))
    return found


def prove_fips(asked: Sequence[Asked], session: Session) -> FipsProof:
    """Ask each tool in the first image that has it. Raises ToolError if the engine fails."""
    session.say("trying what FIPS mode must refuse and allow")
    probes: list[FipsProbe] = []
    missing = {_OPENSSL, _PYTHON}
    for each in asked:
        tools = {name: path for name, path in tools_of(each.examined).items() if name in missing}
        if tools:
            probes += _ask(each, tools, session)
            missing -= set(tools)
    lacking = tuple(f"the image has no {name}" for name in sorted(missing))
    return FipsProof(session.engine.name, tuple(probes), lacking)


def _ask(each: Asked, tools: dict[str, str], session: Session) -> list[FipsProbe]:
    require_place(each.examined.rootfs)
    scratch = session.scratch("fips-probes")
    scratch.chmod(0o755)
    copy_idle_program(scratch)
    (scratch / PROGRAM).write_bytes(python_program())
    options = sandbox_options(scratch, network="none")
    container = session.engine.create(each.prepared, options, ())
    try:
        container.start()
        return list(_answers(container, tools, each.stage))
    finally:
        container.remove()


def _answers(container: Container, tools: dict[str, str], stage: str) -> Iterator[FipsProbe]:
    if path := tools.get(_OPENSSL):
        for question in OPENSSL:
            done = container.exec((path, *question.words), _SECONDS)
            yield judged_openssl(question, done.status, done.output, stage)
    if path := tools.get(_PYTHON):
        done = container.exec((path, "-B", f"{INSIDE}/{PROGRAM}"), _SECONDS)
        yield from judged_python(done.output, stage)
