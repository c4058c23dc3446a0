"""Harden an index: each platform that can be run, then an index of the results."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from careen import __version__
from careen.errors import CareenError
from careen.model.digest import Digest
from careen.model.platforms import PlatformResult, PlatformsResult
from careen.oci.index.write import new_layout, write_index
from careen.pipeline.hardening.judged import close
from careen.pipeline.hardening.request import REPORT, HardenRequest
from careen.pipeline.platforms.checks import check_folders, check_kept, check_stated, check_wishes
from careen.pipeline.platforms.choice import Part, PlatformChoice, choose_parts
from careen.pipeline.platforms.parts import (
    Finished,
    Workshop,
    derive_part,
    folder,
    keep_part,
    run_part,
)
from careen.pipeline.platforms.promote import check_index_destination, promote_index
from careen.pipeline.platforms.source import open_index
from careen.pipeline.report import read_documents
from careen.pipeline.run.attachments import attachments_of
from careen.pipeline.run.report_documents import SUMMARY, ReportDocuments
from careen.pipeline.run.session import Session
from careen.registries.deliver import TAG
from careen.registries.referrers import Attachment
from careen.report.directory import clear_report, write_report
from careen.report.documents.platforms import platforms_json
from careen.report.documents.summary import summary_json
from careen.report.finished import PAGE
from careen.report.finished.page import report_html
from careen.rewrite.strip import ORIGINAL_DIGEST, VERSION
from careen.tools.binfmt import handlers

PLATFORMS = "platforms.json"


def harden_platforms(
    request: HardenRequest, choice: PlatformChoice, session: Session
) -> PlatformsResult:
    """Harden the platforms of an index that can be run, and promote an index of the results.

    What cannot be run is kept or derived, as `choice` says. Reports go into directories below the
    request's. The first failure ends the run, and nothing is promoted. Raises as `harden`.
    """
    begun = time.monotonic()
    check_index_destination(request.destination, request.image, session)
    with ExitStack() as opened:
        with session.stage("inspect"):
            source = opened.enter_context(open_index(request.image, session))
            parts, left_out = choose_parts(source.images(), choice, handlers(), source.text)
            check_wishes(request, parts)
            check_folders(parts, source.text)
            check_stated(source, parts)
            check_kept(source, parts)
        _clear(request.report_directory, parts)
        layout = new_layout(session.scratch("new") / "layout")
        shop = Workshop(source, layout, session, any(part.is_derived for part in parts))
        finished = _make_all(parts, request, shop)
        with session.stage("promote"):
            index = write_index(
                shop.layout,
                [document for each in finished for document in each.documents],
                _annotations(shop),
                TAG,
            )
            places = promote_index(
                shop.layout,
                index,
                _attachments(parts, finished, request),
                request.destination,
                session,
            )
    digest = source.listing.digest
    result = PlatformsResult(
        source.text,
        str(digest) if digest is not None else None,
        str(index.digest),
        places,
        tuple(_promoted(each.result, places) for each in finished),
        left_out,
        str(request.report_directory),
        round(time.monotonic() - begun, 3),
    )
    _report(result, parts, request, session)
    return result


def _clear(directory: Path, parts: Sequence[Part]) -> None:
    """Remove what an earlier run reported, also of platforms that run later or not at all."""
    write_report(directory, {})
    clear_report(directory, (PLATFORMS,))
    for part in parts:
        own = directory / folder(part.platform)
        if own.exists():
            write_report(own, {})  # refuses a symbolic link
            clear_report(own, REPORT)


def _make_all(
    parts: Sequence[Part], request: HardenRequest, shop: Workshop
) -> tuple[Finished, ...]:
    """Make each platform, those that run first; return them in the order of the index."""
    made: dict[int, Finished] = {}
    for number, part in sorted(enumerate(parts), key=lambda item: not item[1].is_run):
        how = part.support.runs.value if part.is_run else part.unrunnable.value
        shop.session.progress.note(f"platform {part.platform}: {how}")
        try:
            if part.is_run:
                made[number] = run_part(part, request, shop)
            elif part.is_derived:
                made[number] = derive_part(part, request, shop)
            else:
                with shop.session.stage("promote"):
                    made[number] = keep_part(part, shop)
        except CareenError as error:
            error.add_note(f"platform {part.platform} of {shop.source.text}")
            raise
    return tuple(made[number] for number in range(len(parts)))


def _annotations(shop: Workshop) -> dict[str, str]:
    """Return the annotations of the new index: the original's, and what it was made from."""
    listing = shop.source.listing
    original = {ORIGINAL_DIGEST: str(listing.digest)} if listing.digest is not None else {}
    return {**listing.annotations, **original, VERSION: __version__}


def _attachments(
    parts: Sequence[Part], finished: Sequence[Finished], request: HardenRequest
) -> Mapping[Digest, Sequence[Attachment]]:
    """Return the documents of each platform that ran, by its manifest."""
    out: dict[Digest, Sequence[Attachment]] = {}
    for part, each in zip(parts, finished, strict=True):
        if part.is_run:
            report = request.report_directory / folder(part.platform)
            digest = Digest.parse(each.result.digest, "the new manifest")
            out[digest] = attachments_of(report, request.destination)
    return out


def _promoted(result: PlatformResult, places: tuple[str, ...]) -> PlatformResult:
    """Return a platform's result whose summary names the index."""
    if result.summary is None:
        return result
    return replace(result, summary=replace(result.summary, promoted=places))


def _report(
    result: PlatformsResult, parts: Sequence[Part], request: HardenRequest, session: Session
) -> None:
    try:
        for part, each in zip(parts, result.platforms, strict=True):
            if each.summary is not None:
                directory = request.report_directory / folder(part.platform)
                write_report(directory, {SUMMARY: summary_json(each.summary)})
                read = ReportDocuments(directory)
                # The one that is there says that nothing was promoted, as it was then.
                write_report(directory, {PAGE: report_html(read_documents(read))})
                close(request, each.summary, read, session)
        write_report(request.report_directory, {PLATFORMS: platforms_json(result)})
    except CareenError as error:
        error.add_note(f"the index passed, and is promoted: {', '.join(result.promoted)}")
        raise
