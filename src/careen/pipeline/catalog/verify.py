"""`careen base verify`: the drop-in contract of an image against its upstream."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from careen.catalog.contract.compare import compare
from careen.catalog.contract.probes import (
    MANAGER_PROBES,
    PLACE,
    PROBES,
    WAITING,
    Answered,
    ContractProbe,
    judged,
    places,
)
from careen.catalog.contract.sides import Pair, Side, row, unknown
from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.labels import VARIANT_LABEL
from careen.errors import ToolError, VerificationError
from careen.model.catalog.contract import Contract, ContractRow, Kept
from careen.model.catalog.entry import Entry, User, Variant
from careen.model.image import ImageConfig
from careen.model.runs.engine import Container, PreparedImage
from careen.model.runs.workload import RunOptions
from careen.pipeline.catalog.base_tests import made_ready
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.report.terminal_output.figures import counted

_SECONDS = 30.0
_GRACE = 1.0
_MAX_PROGRAM = 16 << 20
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """An image, its upstream, and what it is expected to be.

    `variant` None takes what the image's label says, else `compat`. Without `running`, containers
    are not started. What entries of careen and of `catalogs` add is excused.
    """

    image: str
    against: str
    variant: Variant | None = None
    running: bool = True
    catalogs: tuple[Path, ...] = ()


def verify_base(request: VerifyRequest, session: Session) -> Contract:
    """Return the contract. Raises InputError, ImageError or ToolError for an image or engine."""
    catalog = load_catalog(request.catalogs)
    with ExitStack() as opened:
        with session.stage("inspect"):
            upstream, ours = (
                examine(opened.enter_context(open_source(name, session)), session)
                for name in (request.against, request.image)
            )
        variant = request.variant or labelled(ours.image.config)
        found = contract_of(
            Compared(upstream, ours), variant, catalog, session, running=request.running
        )
        return replace(found, upstream=request.against, image=request.image)


@dataclass(frozen=True, slots=True)
class Compared:
    """Both images, open; `ready` is ours in the engine, if it is there already."""

    upstream: Examined
    ours: Examined
    ready: PreparedImage | None = None


def contract_of(
    images: Compared, variant: Variant, catalog: Catalog, session: Session, *, running: bool = True
) -> Contract:
    """Return the contract of two open images; what entries of the catalog add is excused."""
    upstream, ours = images.upstream, images.ours
    with session.stage("verify"):
        users, variables = _users(catalog), _variables(catalog, variant)
        pair = Pair(_side(upstream), _side(ours), variant, users, variables)
        session.say("comparing")
        rows = list(compare(pair))
        if running:
            rows += _probed(pair, images, session)
    rows.sort(key=lambda each: each.item)
    names = (upstream.image.reference, ours.image.reference)
    return Contract(*names, variant.value, tuple(rows))


def require_whole(contract: Contract) -> None:
    """Raise VerificationError for a contract that does not hold."""
    rows = [each for each in contract.rows if each.kept is Kept.BROKEN]
    if not rows:
        return
    named = "; ".join(
        f"{each.item}, {each.what}: {each.upstream} → {each.ours}" for each in rows[:_SHOWN]
    )
    many = counted(len(rows), "broken item")
    msg = f"{many} of the contract with {contract.upstream}: {named}; nothing was promoted"
    raise VerificationError(msg)


def labelled(config: ImageConfig) -> Variant:
    """Return the variant that an image's label names, else `compat`."""
    labels = (config.document.get("config") or {}).get("Labels") or {}
    named = labels.get(VARIANT_LABEL)
    return next((each for each in Variant if each.value == named), Variant.COMPAT)


def _users(catalog: Catalog) -> tuple[User, ...]:
    """Return the accounts that entries add."""
    return tuple(dict.fromkeys(user for entry in _all(catalog) for user in entry.users))


def _variables(catalog: Catalog, variant: Variant) -> frozenset[tuple[str, str]]:
    """Return the variables that entries set in a variant, with their values."""
    with_tools = variant in (Variant.COMPAT, Variant.DEV)
    return frozenset(
        pair
        for entry in _all(catalog)
        for pair in (
            *entry.environment.items(),
            *(entry.build_environment.items() if with_tools else ()),
        )
    )


def _all(catalog: Catalog) -> Iterator[Entry]:
    return (each for entry in catalog for each in catalog.chain(entry))


def _side(examined: Examined) -> Side:
    return Side(examined.rootfs, examined.inventory, examined.image.config)


def _probed(pair: Pair, images: Compared, session: Session) -> Iterator[ContractRow]:
    upstream = images.upstream
    managers = [each for each in MANAGER_PROBES if upstream.rootfs.find(each.program) is not None]
    probes = [*PROBES, *(() if pair.is_runtime else managers)]
    scratch = session.scratch("contract")
    scratch.chmod(0o755)
    missing = copied_programs(upstream, [WAITING, *(each.program for each in probes)], scratch)
    there = {path for path, reason in missing.items() if not reason}
    for probe in probes:
        if probe.program not in there:
            yield unknown(probe.item, probe.what, missing[probe.program])
    asked = [each for each in probes if each.program in there]
    if WAITING not in there:
        for probe in asked:
            yield unknown(probe.item, probe.what, f"{missing[WAITING]}, to wait in")
        return
    theirs = answers(images.upstream, asked, scratch, session)
    answered = answers(images.ours, asked, scratch, session, images.ready)
    for probe in asked:
        yield judged(probe, theirs[probe.what], answered[probe.what])
    yield row(
        "PID 1",
        "SIGTERM, then SIGKILL, of upstream's sleep",
        theirs[WAITING].output,
        answered[WAITING].output,
    )


def copied_programs(upstream: Examined, paths: Iterable[str], scratch: Path) -> Mapping[str, str]:
    """Copy programs of upstream for containers; return "" for each, or why it cannot run there."""
    return {path: _not_copied(upstream, path, scratch) for path in dict.fromkeys(paths)}


def _not_copied(upstream: Examined, path: str, scratch: Path) -> str:
    found = (upstream.rootfs.find(each) for each in places(path))
    entry = next((each for each in found if each is not None and each.is_executable), None)
    if entry is None or entry.size > _MAX_PROGRAM:
        return f"upstream has no {path}"
    data = upstream.rootfs.read(entry.path, _MAX_PROGRAM)
    if data.startswith(b"#!"):
        return f"upstream's {entry.path} is a script, which needs a program of its image"
    target = scratch / path.rpartition("/")[2]
    target.write_bytes(data)
    target.chmod(0o755)
    return ""


def answers(
    examined: Examined,
    probes: Sequence[ContractProbe],
    scratch: Path,
    session: Session,
    ready: PreparedImage | None = None,
) -> Mapping[str, Answered]:
    """Run the probes in one container, as the image's user, and end its first process."""
    session.say(f"asking {examined.image.reference}")
    waiting = f"{PLACE}/{WAITING.rpartition('/')[2]}"
    options = RunOptions(
        entrypoint=waiting,
        args=("3600",),
        network="none",
        volumes=(f"{scratch.absolute()}:{PLACE}:ro",),
    )
    out: dict[str, Answered] = {}
    with made_ready(examined, session, ready) as prepared:
        container = session.engine.create(prepared, options, ())
        try:
            container.start()
            for probe in probes:
                out[probe.what] = _asked(container, probe)
            container.signal("TERM")
            first = container.wait(_GRACE)
            if first is None:
                container.signal("KILL")
            last = container.wait(_SECONDS)
            said = "goes on" if first is None else f"ends with {first}"
            out[WAITING] = Answered(0, f"{said}, ends with {last}")
        finally:
            container.remove()
    return out


def _asked(container: Container, probe: ContractProbe) -> Answered:
    try:
        done = container.exec(probe.argv, _SECONDS, env=probe.env)
    except ToolError as error:
        return Answered(1, str(error))
    return Answered(done.status, done.output)
