"""Work an incident off: wave by wave, most urgent image first, each verified before its tag."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from careen.errors import CareenError
from careen.model.incident import Incident, IncidentImage, Standing
from careen.model.watching import ImageOutcome, WatchAction
from careen.pipeline.incidents.before import keep_before
from careen.pipeline.incidents.state import write_incident
from careen.pipeline.incidents.still_there import still_there
from careen.pipeline.watch import WatchRequest, watch_one, work_of
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.state import ImageState, read_state
from careen.pipeline.watching.work import Work
from careen.report.terminal_output.progress import Progress

_GONE = "no entry of the list makes this tag any more"


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run ends before its last image.

    After `failures` images that failed in it; after wave `wave` (None: the last one).
    """

    failures: int = 1
    wave: int | None = None


def run_incident(
    incident: Incident, request: WatchRequest, limits: Limits, progress: Progress
) -> Incident:
    """Fix, verify and promote each image that is not fixed yet, and return the incident.

    Its file is written after each image. A failure of one image is its standing. In a dry run
    nothing is written, and `detail` says what would be done. Raises InputError if the file cannot
    be written.
    """
    listed = {watched.tag: watched for watched in request.images}
    # Whoever runs an incident does not wait for the time of a next try.
    work = replace(work_of(request, progress), retry=(1, 2, 3))
    failed = 0
    for i, image in enumerate(incident.images):
        if image.standing in (Standing.FIXED, Standing.ROLLED_BACK):
            continue
        if failed >= limits.failures or (limits.wave is not None and image.wave > limits.wave):
            break
        progress.note(f"wave {image.wave}, {i + 1:,} of {len(incident.images):,}: {image.tag}")
        done = _fix(incident.identifier, image, listed.get(image.tag), request, work)
        failed += done.standing is Standing.FAILED
        images = (*incident.images[:i], done, *incident.images[i + 1 :])
        incident = replace(incident, images=images)
        if not request.dry_run:
            write_incident(request.state, incident)
    return incident


def _fix(
    identifier: str,
    image: IncidentImage,
    watched: Watched | None,
    request: WatchRequest,
    work: Work,
) -> IncidentImage:
    if watched is None:
        return replace(image, standing=Standing.FAILED, detail=_GONE, status=1)
    try:
        before = read_state(request.state, watched.key, watched.tag)
        if not request.dry_run and not image.before:
            keep_before(request.state, identifier, watched.key)
        outcome = watch_one(request, watched, work)
        after = read_state(request.state, watched.key, watched.tag)
        left = still_there(identifier, after, work, watched) if after.result else ()
    except CareenError as error:
        return replace(image, standing=Standing.FAILED, detail=str(error), status=error.exit_status)
    standing, detail = _judged(identifier, outcome, left)
    return replace(
        image,
        standing=standing,
        detail=detail,
        before=image.before or before.result,
        after=after.result,
        registry_before=image.registry_before or _pushed(before),
        registry_after=_pushed(after),
        status=outcome.status or int(standing is Standing.FAILED),
        seconds=round(image.seconds + outcome.seconds, 3),
        report_directory=outcome.report_directory or image.report_directory,
    )


def _pushed(state: ImageState) -> str:
    return state.registry_digest if state.pushed == state.result else ""


def _judged(identifier: str, outcome: ImageOutcome, left: Sequence[str]) -> tuple[Standing, str]:
    match outcome.deed:
        case WatchAction.FAILED | WatchAction.WAITING:
            return Standing.FAILED, outcome.detail
        case WatchAction.WOULD_HARDEN | WatchAction.WOULD_PUSH:
            return Standing.WAITING, outcome.deed.value
        case _ if not left and outcome.digest:
            return Standing.FIXED, ""
        case _:
            where = f"{identifier} is still in {', '.join(left)}" if left else ""
            return Standing.LEFT, "; ".join(filter(None, (where, outcome.detail)))
