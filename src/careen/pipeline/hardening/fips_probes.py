"""Probes of FIPS mode in containers: the image's own `openssl` and Python answer."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.cryptography.probes import (
    OPENSSL,
    judged_openssl,
    judged_python,
    python_program,
)
from careen.cryptography.routing import STEERING
from careen.engines.sandbox import INSIDE, copy_idle_program, sandbox_options
from careen.model.cryptography.fips import FipsProbe, FipsProof
from careen.model.runs.engine import Container, PreparedImage
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.upgrading.sandbox import require_place

HARDENED, BEFORE = "the hardened image", "the image before files were removed"
PROGRAM = "probe.py"
WITHOUT = "without OPENSSL_CONF and OPENSSL_MODULES"
Words = tuple[str, ...]
_NAMED = 4
_SECONDS = 60.0
_ENV = ("/usr/bin/env", "/bin/env")
_UNSET = (
    "import os, sys\n"
    f"for name in {STEERING!r}: os.environ.pop(name, None)\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_OPENSSL, _PYTHON = "openssl", "Python"
_PYTHONS = ("python3", "python", *(f"python3.{minor}" for minor in range(15, 5, -1)))
_DIRECTORIES = ("/opt/venv/bin", "/venv/bin", "/app/.venv/bin", "/usr/local/bin", "/usr/bin")


@dataclass(frozen=True, slots=True)
class Asked:
    """An image that is asked, and what it is called in the proof."""

    prepared: PreparedImage
    examined: Examined
    stage: str


def tools_of(examined: Examined) -> dict[str, tuple[str, ...]]:
    """Return the programs of an image that can answer: `openssl` and Python, with their paths.

    The first one of each is asked.
    """
    stated = examined.image.config.env.get("PATH", "").split(":")
    places = [each for each in (*stated, *_DIRECTORIES) if each.startswith("/")]
    found: dict[str, dict[int, str]] = {}
    for tool, names in ((_OPENSSL, ("openssl",)), (_PYTHON, _PYTHONS)):
        for path in (posixpath.join(place, name) for place in places for name in names):
            entry = examined.rootfs.find(posixpath.normpath(path))
            if entry is not None and entry.is_executable:
                found.setdefault(tool, {}).setdefault(entry.inode, posixpath.normpath(path))
    return {tool: tuple(paths.values()) for tool, paths in found.items()}


def prove_fips(asked: Sequence[Asked], session: Session) -> FipsProof:
    """Ask each tool in the first image that has it, with the image's variables and without those
    of OpenSSL. Raises ToolError if the engine fails.
    """
    session.say("trying what FIPS mode must refuse and allow")
    probes: list[FipsProbe] = []
    unasked: list[str] = []
    missing = {_OPENSSL, _PYTHON}
    for each in asked:
        tools = {name: paths for name, paths in tools_of(each.examined).items() if name in missing}
        if tools:
            plain = plain_words(each.examined)
            first = {name: paths[0] for name, paths in tools.items()}
            probes += _ask(each, first, plain, session)
            missing -= set(tools)
            unasked += not_asked(each, tools, plain)
    unasked += [f"the image has no {name}" for name in sorted(missing)]
    return FipsProof(session.engine.name, tuple(probes), tuple(unasked))


def not_asked(each: Asked, tools: Mapping[str, tuple[str, ...]], plain: Words) -> Iterator[str]:
    """Yield in words what the probes of an image leave out."""
    for name, paths in sorted(tools.items()):
        if others := paths[1:]:
            more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            yield f"{name}: {paths[0]} was asked, not {', '.join(others[:_NAMED])}{more}"
        if not plain:
            yield f"{name} was asked with the variables of {each.stage} alone: it has no env"


def plain_words(examined: Examined) -> Words:
    """Return what starts a program without the variables that steer OpenSSL, () for nothing."""
    for path in _ENV:
        entry = examined.rootfs.find(path)
        if entry is not None and entry.is_executable:
            return (path, *(word for name in STEERING for word in ("-u", name)))
    if pythons := tools_of(examined).get(_PYTHON):
        return (pythons[0], "-I", "-c", _UNSET)
    return ()


def _ask(each: Asked, tools: Mapping[str, str], plain: Words, session: Session) -> list[FipsProbe]:
    require_place(each.examined.rootfs)
    scratch = session.scratch("fips-probes")
    scratch.chmod(0o755)
    copy_idle_program(scratch)
    (scratch / PROGRAM).write_bytes(python_program())
    options = sandbox_options(scratch, network="none")
    container = session.engine.create(each.prepared, options, ())
    try:
        container.start()
        found = list(_answers(container, tools, (), each.stage))
        if plain:
            found += _answers(container, tools, plain, f"{each.stage}, {WITHOUT}")
        return found
    finally:
        container.remove()


def _answers(
    container: Container, tools: Mapping[str, str], before: Words, stage: str
) -> Iterator[FipsProbe]:
    if path := tools.get(_OPENSSL):
        for question in OPENSSL:
            done = container.exec((*before, path, *question.words), _SECONDS)
            yield judged_openssl(question, done.status, done.output, stage)
    if path := tools.get(_PYTHON):
        done = container.exec((*before, path, "-B", f"{INSIDE}/{PROGRAM}"), _SECONDS)
        yield from judged_python(done.output, stage)
