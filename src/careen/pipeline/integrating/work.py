"""Do the work on an image: scan, harden or patch it, by the use cases of these names."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from careen.inventory.index import ImageIndex
from careen.inventory.scan import scan_contents
from careen.model.findings.findings_count import FindingsCount
from careen.model.integration import Figure, Mode, Step
from careen.model.measure import Measure
from careen.model.rbom import RuntimeBom
from careen.model.runs.exploration import Effort
from careen.pipeline.findings.scan_source import open_inventory
from careen.pipeline.harden import harden
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.stored import keep_index, kept_index
from careen.pipeline.patch import PatchRequest, patch
from careen.pipeline.profile import observe_image
from careen.pipeline.run import report_documents as names
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import examine, open_source
from careen.plan.as_before import Previous
from careen.rbom.store import write_rbom
from careen.report.directory import clear_report, write_report
from careen.report.documents.adequacy import adequacy_json
from careen.report.terminal_output.figures import counted
from careen.report.verdict_line import achieved

_OF_A_SCAN = (names.RBOM, names.ADEQUACY, "logs/*.log")


@dataclass(frozen=True, slots=True)
class Done:
    """What was made: in words, the result's inventory, its names, and figures before and after."""

    what: str
    result: ImageIndex
    places: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Last:
    """The last good result: what it has, and what exploration saw (None: nothing was explored)."""

    index: ImageIndex
    explored: RuntimeBom | None


def work(request: CiRequest, step: Step, last: Last | None, session: Session) -> Done:
    """Do the whole work; raises as the use case of the mode.

    `last` is the last result, which the plan stays close to where only the application is new.
    """
    done = _BY_MODE[request.mode](request, last if step is Step.PROFILE else None, session)
    index = done.result
    keep_index(request.folder, index.rootfs, index.inventory, index.ref)
    # What is stored is what later runs judge by, so it is what this run judges by.
    stored = kept_index(request.folder, index.ref.config_digest)
    return replace(done, result=index if stored is None else stored)


def _harden(request: CiRequest, last: Last | None, session: Session) -> Done:
    choices, proof = request.choices, request.proof
    if last is not None and choices.like is None:
        like = request.destination.describe()[0]
        packages = frozenset(last.index.inventory.packages)
        paths = frozenset(entry.path for entry in last.index.rootfs if not entry.is_dir)
        choices = replace(choices, like=like, previous=Previous(like, packages, paths))
    explored = last.explored if last is not None and not request.explore_always else None
    if explored is not None:
        proof = replace(proof, effort=Effort.OFF)  # as the manifest states it
    summary = harden(
        HardenRequest(
            image=request.image,
            workloads=request.workloads,
            choices=choices,
            destination=request.destination,
            report_directory=request.evidence,
            database=request.database,
            judgement=request.judgement,
            proof=proof,
            patch=request.patch,
            explored=explored,
        ),
        session,
    )
    figures = figures_of(summary.original, summary.hardened)
    return Done(
        achieved(summary),
        _taken(summary.hardened.digest, summary.promoted[0], session),
        summary.promoted,
        figures,
    )


def _patch(request: CiRequest, _last: Last | None, session: Session) -> Done:
    if request.patch is None or request.database is None:
        msg = "the mode patch is settled with its options and a database"
        raise AssertionError(msg)
    result = patch(
        PatchRequest(
            image=request.image,
            wishes=request.patch,
            workloads=request.workloads,
            destination=request.destination,
            report_directory=request.evidence,
            database=request.database,
            judgement=request.judgement,
        ),
        session,
    )
    figures = (Figure("findings", _total(result.before), _total(result.after)),)
    what = f"{counted(len(result.upgraded), 'upgrade')}, {result.tests}"
    return Done(what, _taken(result.image, result.places[0], session), result.places, figures)


def _scan(request: CiRequest, _last: Last | None, session: Session) -> Done:
    write_report(request.evidence, {})
    clear_report(request.evidence, _OF_A_SCAN)
    if request.workloads:
        seen = observe_image(
            request.image,
            request.workloads,
            request.proof.effort,
            request.evidence / "logs",
            session,
        )
        write_report(
            request.evidence,
            {names.RBOM: write_rbom(seen.bom), names.ADEQUACY: adequacy_json(seen.adequacy)},
        )
    with session.stage("inspect"), open_inventory(request.image, session) as stock:
        if stock.ref is None or stock.rootfs is None:
            msg = "the mode scan is settled with an image"
            raise AssertionError(msg)
        index = ImageIndex(stock.ref, stock.rootfs, stock.inventory)
    return Done("profiled and scanned" if request.workloads else "scanned", index, (), ())


_BY_MODE: Mapping[Mode, Callable[[CiRequest, Last | None, Session], Done]] = {
    Mode.HARDEN: _harden,
    Mode.PATCH: _patch,
    Mode.SCAN: _scan,
}


def _taken(digest: str, place: str, session: Session) -> ImageIndex:
    """Return the paths and packages of a new image, as the run found them or read again."""
    known = session.known.index(digest)
    if known is not None:
        return known
    with ExitStack() as opened, session.stage("inspect"):
        examined = examine(opened.enter_context(open_source(place, session)), session)
        inventory = scan_contents(examined.rootfs, examined.inventory)
        return ImageIndex(examined.image.ref, examined.rootfs, inventory)


def figures_of(before: Measure, after: Measure) -> tuple[Figure, ...]:
    """Return the figures of an original and of its result."""
    return (
        Figure("size", before.size_bytes, after.size_bytes, "bytes"),
        Figure("files", before.files, after.files),
        Figure("packages", sum(before.packages.values()), sum(after.packages.values())),
        Figure("executables", before.executables, after.executables),
        Figure("findings", _total(before.findings), _total(after.findings)),
    )


def _total(found: FindingsCount | None) -> int | None:
    return None if found is None or found.compared.nothing else found.total
