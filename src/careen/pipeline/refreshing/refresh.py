"""One pass over the catalog: build, verify and promote what a package or an advisory changes."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.families import family_of
from careen.catalog.port import PackageOffers, PackageSources
from careen.catalog.recipe import Recipe, recipe, upstream
from careen.catalog.wheels.index import require_index
from careen.errors import CareenError, InputError
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.refresh import RefreshAction, RefreshResult
from careen.oci.reference import in_registry, parse_reference
from careen.pipeline.catalog.roots import architecture, sources_of
from careen.pipeline.refreshing.changed import packages_of
from careen.pipeline.refreshing.changelog import write_changelogs
from careen.pipeline.refreshing.findings import fingerprint_of
from careen.pipeline.refreshing.one import refresh_one
from careen.pipeline.refreshing.state import ADVICE, StateFile
from careen.pipeline.refreshing.work import RefreshRequest, Work
from careen.pipeline.run.session import session
from careen.pipeline.watching.failure import rfc3339
from careen.pipeline.watching.inputs import fingerprint
from careen.pipeline.watching.inventory import drop_inventories
from careen.pipeline.watching.lock import only_pass
from careen.report.terminal_output.progress import Progress

Asked = Callable[[Recipe, tuple[str, ...]], Mapping[str, str]]
Release = tuple[str, str]
"""A distribution and its release."""

_NEWS = (RefreshAction.PROMOTED, RefreshAction.NOTED)


def refresh(request: RefreshRequest, progress: Progress) -> RefreshResult:
    """Process each variant in turn. A failure of one is its outcome.

    Raises InputError (an entry, the repository), ToolError while another pass uses the same state,
    ConfigError if the state directory or the advisories are unusable.
    """
    begun = time.monotonic()
    catalog = load_catalog(request.catalogs)
    wanted = tuple(_chosen(request, catalog))
    _check(request, catalog)
    _check_index(request, wanted)
    with contextlib.ExitStack() as opened:
        if not request.dry_run:
            opened.enter_context(only_pass(request.state, rfc3339(request.clock()), ADVICE))
        judged_by = fingerprint_of(request.database)
        folder = _folder(request, opened, progress)
        asked = _asked(request, folder, _ahead(request, wanted), opened, progress)
        work = Work(request, catalog, judged_by, asked, progress)
        outcomes = tuple(refresh_one(each, work) for each in wanted)
        notes: tuple[str, ...] = (
            () if judged_by else ("findings are not known: there is no advisory database",)
        )
        if any(each.action in _NEWS for each in outcomes) and not request.dry_run:
            notes += tuple(_tell(request.state))
    seconds = round(time.monotonic() - begun, 3)
    return RefreshResult(outcomes, seconds, request.dry_run, notes)


def _tell(state: Path) -> Iterator[str]:
    """Write the changelogs, and yield why not: the images are promoted already."""
    try:
        states = write_changelogs(state)
    except CareenError as error:
        yield f"the changelogs were not written: {error}"
        return
    drop_inventories(state, {each.digest for each in states})


def _chosen(request: RefreshRequest, catalog: Catalog) -> Iterator[Recipe]:
    """Yield the recipes of a pass, in the order of the catalog."""
    named = [catalog.find(name) for name in dict.fromkeys(request.entries)]
    for entry in named or catalog:
        chain = catalog.chain(entry)
        image = upstream(chain)
        if not named and (image or any(each.unproven for each in chain)):
            continue
        if image:
            msg = (
                f"base refresh: {entry.name} is cut from {image}, and a pass looks at"
                " packages alone; build it with `careen base build` when that image has changed"
            )
            raise InputError(msg)
        offered = _buildable(catalog, entry)
        for variant in request.variants or offered:
            if named or variant in offered:  # a named entry without the variant is an error
                yield recipe(catalog, entry, variant)


def _buildable(catalog: Catalog, entry: Entry) -> tuple[Variant, ...]:
    offered = (each.variants for each in reversed(catalog.chain(entry)) if each.variants)
    return next(offered, ())


def _check(request: RefreshRequest, catalog: Catalog) -> None:
    for name in request.against:
        if catalog.find(name).name != name:
            msg = f"--against {name}: give the entry's own name, {catalog.find(name).name}"
            raise InputError(msg)
    parse_reference(f"docker://{request.repository.rstrip('/')}/name")
    in_registry(f"{request.repository.rstrip('/')}/name")


def _check_index(request: RefreshRequest, wanted: Iterable[Recipe]) -> None:
    if request.wheel_index:
        require_index(request.wheel_index, "--wheel-index")
        if not any(each.has_wheels for each in wanted):
            msg = "--wheel-index: no entry of this pass has wheels (`pip`); leave it out"
            raise InputError(msg)


def _folder(request: RefreshRequest, opened: contextlib.ExitStack, progress: Progress) -> Path:
    """Return where apt's lists are: kept in the state directory, except in a dry run."""
    if not request.dry_run:
        return request.state / "apt"
    return opened.enter_context(session(request.settings, progress)).scratch("offers")


def _ahead(request: RefreshRequest, wanted: Iterable[Recipe]) -> Mapping[Release, set[str]]:
    """Return the packages of all images of each release; a damaged state is told later."""
    out: dict[Release, set[str]] = {}
    for each in wanted:
        file = StateFile(request.state, each.entry.name, each.variant.value)
        with contextlib.suppress(CareenError):
            out.setdefault(_release(each), set()).update(packages_of(each, file.read()))
    return out


def _release(wanted: Recipe) -> Release:
    return wanted.distribution, wanted.release


def _asked(
    request: RefreshRequest,
    folder: Path,
    ahead: Mapping[Release, set[str]],
    opened: contextlib.ExitStack,
    progress: Progress,
) -> Asked:
    """Return the function that asks the package manager; the lists of a release are fetched once in
    a pass. `opened` removes what may hold passwords.
    """
    known: dict[tuple[Release, tuple[str, ...]], PackageOffers | CareenError] = {}
    answers: dict[tuple[Release, tuple[str, ...]], dict[str, str]] = {}

    def ask(wanted: Recipe, names: tuple[str, ...]) -> Mapping[str, str]:
        # before what is shared: a recipe without an index of its wheels says nothing of others
        sources = sources_of(wanted, request.sources, request.keyring, request.wheel_index)
        release = _release(wanted)
        shared = release, sources.lines
        if shared not in known:
            with progress.stage("ask") as stage:
                title = family_of(wanted.distribution).title
                stage.say(f"which packages of {title} {wanted.release} are offered")
                known[shared] = _updated(sources, folder, wanted, opened)
        found = known[shared]
        if isinstance(found, CareenError):
            raise found
        answered = answers.setdefault(shared, {})
        if not answered.keys() >= set(names):
            # most of the time goes into reading the lists: all images of the release are asked for
            answered |= found.candidates({*names, *ahead.get(release, ())})
        return {name: answered[name] for name in names}

    return ask


def _updated(
    sources: PackageSources, folder: Path, wanted: Recipe, opened: contextlib.ExitStack
) -> PackageOffers | CareenError:
    family, here = family_of(wanted.distribution), architecture(wanted.distribution)
    try:
        place = folder / fingerprint(line.encode() for line in sources.lines)[:16]
        offers = family.offers(place, sources, wanted.release, here)
        opened.callback(_close, offers)  # now: a failed update leaves such files, too
        offers.update()
    except CareenError as error:
        return error
    except OSError as error:
        return InputError(f"{folder}: {error.strerror}; {ADVICE}")
    return offers


def _close(offers: PackageOffers) -> None:
    # what cannot be removed here could not be written either, and that is told already
    with contextlib.suppress(OSError):
        offers.close()
