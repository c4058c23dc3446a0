"""One pass over the catalog: build, verify and promote what a package or an advisory changes."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from careen.catalog.debian import sources as apt
from careen.catalog.debian.offers import Offers
from careen.catalog.debian.sources import AptSources
from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.recipe import Recipe, recipe
from careen.errors import CareenError, InputError
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.refresh import RefreshAction, RefreshResult
from careen.oci.reference import in_registry, parse_reference
from careen.pipeline.catalog.roots import architecture
from careen.pipeline.refreshing.changelog import write_changelogs
from careen.pipeline.refreshing.findings import fingerprint_of
from careen.pipeline.refreshing.one import refresh_one
from careen.pipeline.refreshing.state import ADVICE
from careen.pipeline.refreshing.work import RefreshRequest, Work
from careen.pipeline.watching.decide import rfc3339
from careen.pipeline.watching.inputs import fingerprint
from careen.pipeline.watching.lock import only_pass
from careen.report.terminal_output.progress import Progress

Asked = Callable[[str, tuple[str, ...]], Mapping[str, str]]

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
    with contextlib.ExitStack() as opened:
        if not request.dry_run:
            opened.enter_context(only_pass(request.state, rfc3339(request.clock()), ADVICE))
        judged_by = fingerprint_of(request.database)
        asked = _asked(request, _folder(request, opened), progress)
        work = Work(request, catalog, judged_by, asked, progress)
        outcomes = tuple(refresh_one(each, work) for each in wanted)
        news = any(each.action in _NEWS for each in outcomes)
        if news and not request.dry_run:
            write_changelogs(request.state)
    notes = () if judged_by else ("findings are not known: there is no advisory database",)
    seconds = round(time.monotonic() - begun, 3)
    return RefreshResult(outcomes, seconds, request.dry_run, notes)


def _chosen(request: RefreshRequest, catalog: Catalog) -> Iterator[Recipe]:
    """Yield the recipes of a pass, in the order of the catalog."""
    named = [catalog.find(name) for name in dict.fromkeys(request.entries)]
    for entry in named or catalog:
        chain = catalog.chain(entry)
        if not named and any(each.unproven for each in chain):
            continue
        for variant in request.variants or _buildable(catalog, entry):
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


def _folder(request: RefreshRequest, opened: contextlib.ExitStack) -> Path:
    """Return where apt's lists are kept: the state directory, in a dry run a copy of nothing."""
    if not request.dry_run:
        return request.state / "apt"
    folder = Path(tempfile.mkdtemp(prefix="careen-offers-"))
    opened.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _asked(request: RefreshRequest, folder: Path, progress: Progress) -> Asked:
    """Return the function that asks apt; the lists of a release are fetched once in a pass."""
    known: dict[str, Offers | CareenError] = {}

    def ask(release: str, names: tuple[str, ...]) -> Mapping[str, str]:
        if release not in known:
            with progress.stage("ask") as stage:
                stage.say(f"which packages of Debian {release} are offered")
                known[release] = _updated(request, folder, release)
        found = known[release]
        if isinstance(found, CareenError):
            raise found
        return found.candidates(names)

    return ask


def _updated(request: RefreshRequest, folder: Path, release: str) -> Offers | CareenError:
    try:
        sources = _sources(request, release)
        place = folder / fingerprint(line.encode() for line in sources.lines)[:16]
        offers = Offers(place, sources, architecture())
        offers.update()
    except CareenError as error:
        return error
    except OSError as error:
        return InputError(f"{folder}: {error.strerror}; {ADVICE}")
    return offers


def _sources(request: RefreshRequest, release: str) -> AptSources:
    if request.sources:
        return apt.given(request.sources, request.keyring)
    return apt.of_this_machine(release, apt.release_of_this_machine())
