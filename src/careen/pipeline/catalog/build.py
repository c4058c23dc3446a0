"""`careen base build`: roots from packages, cut to a variant, one image, its evidence."""

import datetime as dt
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.families import family_of
from careen.catalog.labels import ENTRY_LABEL, VARIANT_LABEL
from careen.catalog.lock_file import read_lock
from careen.catalog.named_places import without_options
from careen.catalog.port import PackageSources
from careen.catalog.recipe import Recipe, recipe
from careen.catalog.user_namespace import require_mapped
from careen.errors import CareenError, InputError
from careen.model.catalog.built import BuiltBase, BuiltLayer
from careen.model.catalog.contract import Contract
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.lock import Lock
from careen.model.source_date import source_date
from careen.oci.image import Image
from careen.oci.select import host_platform, matches
from careen.oci.single import image_of_layers
from careen.pipeline.catalog.base_tests import run_tests
from careen.pipeline.catalog.evidence import (
    LOCK,
    BaseReport,
    leave_report,
    require_no_fix,
    scan_base,
)
from careen.pipeline.catalog.fips_variant import in_fips_mode
from careen.pipeline.catalog.layers import Maker, Titled
from careen.pipeline.catalog.measured import remember
from careen.pipeline.catalog.roots import (
    architecture,
    definitions,
    lock_of,
    make_roots,
    require_locked,
    sources_of,
)
from careen.pipeline.catalog.verify import Compared, contract_of, require_whole
from careen.pipeline.catalog.wheel_steps import (
    WheelWishes,
    make_wheels,
    require_index_of_wheels,
    wheel_indexes,
)
from careen.pipeline.hardening.fips_report import fips_words
from careen.pipeline.run.promote import check_destination, promote
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.timestamp import now
from careen.report.output_file import check_output_file


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build, from which sources, and where it goes.

    `sources` are the family's (none: this machine's), `keyring` signs them. `lock` pins versions.
    `database` is the advisory database, used if it is there; with `unfixed_only` it must be, and no
    finding may have a fix. `accept` is asked once the tests have passed; it says where the image
    goes instead of `destination`, or raises. `upstream` is the image to cut the base from, in place
    of the entry's own (`curate_base`). `against` is an upstream image whose drop-in contract must
    hold. `wheel_index` is the index of wheels (a URL), "" for the entry's or that of the user's
    pip.
    """

    name: str
    variant: Variant
    destination: Destination
    database: Path
    catalogs: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ()
    keyring: Path | None = None
    lock: Path | None = None
    report: Path | None = None
    untested: bool = False
    unfixed_only: bool = False
    upstream: str = ""
    against: str = ""
    wheel_index: str = ""
    accept: Callable[[Examined, Lock], Destination] | None = None
    choices: dict[str, object] = field(default_factory=dict)


def build_base(request: BuildRequest, session: Session) -> BuiltBase:
    """Build, test and promote a base image; write its report if one is wanted.

    Raises InputError (entry, variant, sources, lock), ToolError (package manager, disk, engine),
    VerificationError (versions or tests are not as declared), PolicyError (a finding has a fix);
    then nothing is promoted.
    """
    check_destination(request.destination, None, session)
    _check_platform(session)
    if request.report is not None:
        check_output_file(request.report / LOCK)
    catalog = load_catalog(request.catalogs)
    entry = catalog.find(request.name)
    wanted = recipe(catalog, entry, request.variant)
    if request.untested and wanted.variant is Variant.FIPS:
        msg = "--no-test: probes in a container show FIPS mode; leave it out, or build runtime"
        raise InputError(msg)
    lock = _lock(request, wanted)
    sources = _sources(request, wanted, lock)
    notes = (*sources.notes, *_changed(catalog.chain(entry), wanted, lock))
    for note in notes:
        session.progress.note(note)
    require_mapped()
    with ExitStack() as opened:
        chain = catalog.chain(entry)
        with session.stage("build"):
            pins = [step.packages for step in lock.steps] if lock is not None else []
            created = _created(lock)  # once: a build may last beyond midnight
            roots = make_roots(wanted, sources, pins, created, opened, session)
            wheels = make_wheels(
                wanted, roots.roots, WheelWishes(lock, created, request.wheel_index), session
            )
            fetched = {name: each.wheels for name, each in wheels.items()}
            made = _locked(lock_of(wanted, chain, roots, sources, created, fetched), lock)
            session.say("writing the layers")
            tars = {name: each.tar for name, each in wheels.items()}
            layers = Maker(wanted, chain, made, opened, session, tars).layers(roots.roots)
            image = opened.enter_context(image_of(wanted, made, layers))
            image.budget = session.budget
            examined = examine(image, session)
        shown = None
        if wanted.variant is Variant.FIPS:
            fips = opened.enter_context(in_fips_mode(examined, made.created, session))
            examined, layers, shown = fips.image, (*layers, fips.layer), fips.shown()
        tested = None if request.untested else run_tests(wanted, examined, session)
        contract = None
        if request.against:
            contract = _contract(request, examined, catalog, session)
        report, findings = scan_base(examined, request.database, session)
        if request.unfixed_only:
            require_no_fix(report, request.database)
        going = request.accept(examined, made) if request.accept else request.destination
        with session.stage("promote"):
            places = promote(examined.image, None, going, session)
        built = BuiltBase(
            entry.name,
            request.variant.value,
            examined.measure,
            tuple(BuiltLayer(x.title, str(x.layer.diff_id), x.layer.size) for x in layers),
            made,
            places,
            findings,
            tested,
            notes,
            sources.public,
            () if shown is None else fips_words(shown),
            wanted.distribution,
            wanted.unproven,
            wheel_indexes(wanted, request.wheel_index),
        )
        if request.report is not None:
            left = BaseReport(
                request.report, built, examined, report, request.choices, shown, contract
            )
            leave_report(left, session)
        _remember(built, session)
        return built


def _contract(
    request: BuildRequest, examined: Examined, catalog: Catalog, session: Session
) -> Contract:
    """Return the contract. Raises VerificationError if it does not hold."""
    with open_source(request.against, session) as opened:
        with session.stage("inspect"):
            upstream = examine(opened, session)
        found = contract_of(Compared(upstream, examined), request.variant, catalog, session)
    found = replace(found, upstream=request.against)
    require_whole(found)
    return found


def _remember(built: BuiltBase, session: Session) -> None:
    """Keep the figures for `careen base list`; the image is promoted, so a failure is a note."""
    try:
        remember(built, now())
    except CareenError as error:
        session.progress.note(f"the figures of this build are not kept: {error}")


def _locked(made: Lock, lock: Lock | None) -> Lock:
    """Return the lock of a build. Raises VerificationError if it is not the given one."""
    if lock is None:
        return made
    require_locked(lock, made)
    return _as_locked(made, lock)


def _check_platform(session: Session) -> None:
    """Raise InputError for a platform that is not this machine's."""
    wanted, here = session.settings.platform, host_platform()
    if wanted is not None and not matches(here, wanted):
        msg = f"--platform {wanted}: a base is built for this machine's platform, {here}"
        raise InputError(msg)


def _lock(request: BuildRequest, wanted: Recipe) -> Lock | None:
    """Return the lock to build by, or None. Raises InputError if it is of another build."""
    if request.lock is None:
        return None
    lock = read_lock(request.lock)
    # whoever wrote the lock, its sources go into the image, the provenance and notes
    named = family_of(wanted.distribution).named(lock.sources)
    lock = replace(lock, sources=tuple(named))
    names = [step.name for step in wanted.steps]
    if [step.name for step in lock.steps[: len(names)]] != names:
        msg = (
            f"{request.lock}: is the lock of {lock.entry}, {lock.variant}, and does not hold the"
            f" steps of {wanted.entry.name}, {wanted.variant.value}: {', '.join(names)}"
        )
        raise InputError(msg)
    if lock.architecture != (here := architecture(wanted.distribution)):
        msg = f"{request.lock}: is for {lock.architecture}, and this machine is {here}"
        raise InputError(msg)
    return lock


def _changed(chain: Sequence[Entry], wanted: Recipe, lock: Lock | None) -> tuple[str, ...]:
    """Return a note if an entry is not as it was when the lock was made, or the lock is silent."""
    if lock is None:
        return ()
    now = definitions(wanted, chain)
    for step, definition in zip(lock.steps, now, strict=False):
        if not step.definition:
            return ("the lock does not say how the entries were defined: the digest may differ",)
        if step.definition != definition:
            note = f"the definition of {step.name} has changed since the lock was made"
            return (f"{note}: the digest differs from that build's",)
    return ()


def _created(lock: Lock | None) -> str:
    """Return the time of the image: the lock's, else SOURCE_DATE_EPOCH, else today's midnight."""
    if lock is not None:
        return lock.created
    if (stated := source_date(os.environ)) is not None:
        return stated
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}T00:00:00Z"


def _sources(request: BuildRequest, wanted: Recipe, lock: Lock | None) -> PackageSources:
    require_index_of_wheels(wanted, request.wheel_index)
    found = sources_of(wanted, request.sources, request.keyring, request.wheel_index)
    if request.sources or lock is None:
        return found
    here, there = (set(map(without_options, x)) for x in (found.public, lock.sources))
    if odd := there - here:
        note = f"the lock was made from another source: {min(odd)}; --source names it"
        return replace(found, notes=(*found.notes, note))
    return found


def _as_locked(made: Lock, lock: Lock) -> Lock:
    """Return the lock of the build with the sources of the lock that it was built by."""
    # They are written into the image, which must not depend on the mirror.
    return Lock(made.entry, made.variant, made.architecture, made.created, lock.sources, made.steps)


def image_of(wanted: Recipe, lock: Lock, layers: Sequence[Titled]) -> Image:
    """Return the image of these layers, with the configuration of its variant."""
    entry = wanted.entry
    config = {
        "Env": [f"{name}={value}" for name, value in wanted.environment.items()],
        **({"User": wanted.user} if wanted.user else {}),
        **({"Cmd": list(wanted.cmd)} if wanted.cmd else {}),
        "Labels": {
            ENTRY_LABEL: entry.name,
            VARIANT_LABEL: wanted.variant.value,
            "org.opencontainers.image.title": f"{entry.title}, {wanted.variant.value}",
        },
    }
    history = [
        {"created": lock.created, "created_by": f"careen base build: {each.title}"}
        for each in layers
    ]
    document = {"created": lock.created, "config": config, "history": history}
    return image_of_layers(
        entry.name, tuple(each.layer for each in layers), host_platform(), document, ExitStack()
    )
