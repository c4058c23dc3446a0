"""`careen base migrate`: propose, patch and prove a Dockerfile on bases of the catalog."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.context import heads_of
from careen.catalog.migrate.patch import migrated
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.migrate.stages import MAX_FILE, read_stages
from careen.engines.leftovers import image_name_leftover
from careen.errors import ConfigError, ToolError, VerificationError, WorkloadError
from careen.model.catalog.migration import Migration, Proof
from careen.model.packages.package import Ecosystem
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.pipeline.run.session import Session
from careen.rbom.store import load_rbom
from careen.report.output_file import check_output_file, rewrite_output
from careen.tools.process import Supervision, check, run
from careen.tools.read_file import read_file

_BUILD_SECONDS = 3600.0
_TEST_SECONDS = 1800.0
_REMOVE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class MigrateRequest:
    """A Dockerfile, the names of bases, and what is done with the result.

    `test` is a shell command: the images of the old and the new file are built and tested by it.
    `rbom` is that of the image of the old file.
    """

    path: Path
    repository: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    catalogs: tuple[Path, ...] = ()
    write: bool = False
    test: str | None = None
    context: Path | None = None
    rbom: Path | None = None


def migrate(request: MigrateRequest, session: Session) -> Migration:
    """Return the proposal; prove it first, then write it, if wanted.

    Raises ConfigError (the file), ToolError (docker), WorkloadError (the test fails on the
    original), VerificationError (on the result); then nothing is written.
    """
    text = _read(request.path)
    if request.write:
        check_output_file(request.path.resolve())
    programs = {} if request.rbom is None else ran(load_rbom(request.rbom))
    heads = heads_of(_context(request))
    wanted = Wanted(request.repository, request.arguments, programs, heads)
    found = propose(text, str(request.path), load_catalog(request.catalogs), wanted)
    stages = read_stages(text, str(request.path), request.arguments)
    after = migrated(text, str(request.path), stages, found.stages, request.arguments)
    if request.test is not None and found.patch:
        found = replace(found, proof=_proved(request, request.test, text, after, session))
    if request.write and found.patch:
        rewrite_output(request.path, after.encode())
    return found


def ran(bom: RuntimeBom) -> Mapping[str, str]:
    """Return the programs that the workload itself ran, by the names of their Debian packages."""
    out: dict[str, str] = {}
    for used in bom.without_exploration().files:
        if any(each.use is Use.EXECUTED for each in used.uses):
            for purl in used.packages:
                name, _, ecosystem = bom.packages.get(purl, ("", "", ""))
                if ecosystem == Ecosystem.DEB.value:
                    out.setdefault(name, str(used.path))
    return out


def _context(request: MigrateRequest) -> Path:
    return request.context or request.path.absolute().parent


def _read(path: Path) -> str:
    try:
        return read_file(path, MAX_FILE).decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path}: not UTF-8; name a Dockerfile"
        raise ConfigError(msg) from error


def _proved(request: MigrateRequest, test: str, before: str, after: str, session: Session) -> Proof:
    statuses: list[int | None] = []
    for name, text in (("the original", before), ("the result", after)):
        with session.stage("build" if not statuses else "verify"):
            session.say(f"building {name}")
            try:
                statuses.append(_built_and_tested(request, test, text, session))
            except ToolError as error:
                if not statuses:
                    raise
                hint = "`careen base build ENTRY --variant VARIANT -t NAME` makes a base"
                msg = f"{error}; {hint}; nothing was written"
                raise ToolError(msg) from error
        if statuses[0] != 0:
            msg = (
                f"the test fails on the image of the original Dockerfile ({_ended(statuses[0])});"
                " correct it first"
            )
            raise WorkloadError(msg)
    if statuses[1] != 0:
        msg = f"the test fails on the image of the new Dockerfile ({_ended(statuses[1])})"
        raise VerificationError(f"{msg}; nothing was written")
    return Proof(test, statuses[0], statuses[1])


def _ended(status: int | None) -> str:
    return "it did not end" if status is None else f"exit status {status}"


def _built_and_tested(
    request: MigrateRequest, test: str, text: str, session: Session
) -> int | None:
    file = session.scratch("migrate") / "Dockerfile"
    file.write_text(text, "utf-8")
    tag = f"careen-migrate-{secrets.token_hex(8)}:test"
    arguments = [f"--build-arg={key}={value}" for key, value in request.arguments.items()]
    client = session.store.client
    docker, leftover = client.program.require(), image_name_leftover(client, tag)
    session.space.record(leftover)
    context = str(_context(request))
    argv = [docker, "build", "--quiet", "-t", tag, "-f", str(file), *arguments, context]
    try:
        check(argv, timeout=_BUILD_SECONDS, doing=f"building {request.path}")
        session.say("running the test")
        env = {**os.environ, "CAREEN_IMAGE": tag}
        words = ["sh", "-c", test]
        return run(words, timeout=_TEST_SECONDS, env=env, supervision=Supervision()).status
    finally:
        run([docker, "image", "rm", "--force", tag], timeout=_REMOVE_SECONDS)
        session.space.forget(leftover)
