"""One pass over a list of images: harden, verify and tag those that changed.

Results are pushed if asked for; unchanged images are left alone.
"""

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from careen.errors import CareenError, ConfigError
from careen.model.watching import ImageOutcome, WatchAction, WatchResult
from careen.pipeline.watching.expand import Unlisted
from careen.pipeline.watching.failure import rfc3339
from careen.pipeline.watching.image import Asked, process_image
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import DatabaseFingerprints
from careen.pipeline.watching.inventory import drop_inventories
from careen.pipeline.watching.lock import only_pass
from careen.pipeline.watching.state import Upstream, read_state, results_of
from careen.pipeline.watching.upstream import ask_all, ask_upstream, result_in_store
from careen.pipeline.watching.work import Recipe, Work
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import Progress

if TYPE_CHECKING:
    from careen.pipeline.findings.finding_policy import FindingPolicy


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """The images of a pass, the directory of their states, and options that hold for all images.

    `prepare` and `judgement` give an image's recipe and finding policy. `database` replaces the
    images' own. `again` hardens unchanged images, too; `dry_run` only reports. `clock` gives
    seconds since 1970. `unlisted` are images of entries that are left out.
    """

    images: tuple[Watched, ...]
    state: Path
    prepare: Callable[[Watched], Recipe]
    judgement: "Callable[[Watched], FindingPolicy]"
    database: Path | None = None
    push: bool = False
    again: bool = False
    dry_run: bool = False
    clock: Callable[[], float] = time.time
    tls_verify: bool | None = None
    unlisted: tuple[Unlisted, ...] = ()


def watch(request: WatchRequest, progress: Progress) -> WatchResult:
    """Process each image in turn.

    Raises ToolError while another pass uses the same states, and ConfigError if the directory of
    states is unusable. A failure of one image is its outcome.
    """
    begun = time.monotonic()
    work = Work(
        request.state,
        request.prepare,
        request.judgement,
        progress,
        DatabaseFingerprints(),
        request.clock,
        request.database,
        push=request.push,
        again=request.again,
        dry_run=request.dry_run,
    )
    lock = (
        contextlib.nullcontext()
        if request.dry_run
        else only_pass(request.state, rfc3339(request.clock()))
    )
    with lock:
        with progress.stage("ask") as stage:
            stage.say(f"which images {len(request.images):,} sources are now")
            asked = _ask(request.images, request.state, Skopeo(request.tls_verify))
        outcomes = tuple(
            process_image(watched, known, work)
            for watched, known in zip(request.images, asked, strict=True)
        )
        if any(outcome.deed is WatchAction.HARDENED for outcome in outcomes):
            with contextlib.suppress(
                ConfigError
                # look_after reports a damaged state; its inventory stays until then.
            ):
                drop_inventories(request.state, results_of(request.state))
    outcomes = (*outcomes, *map(_unlisted, request.unlisted))
    return WatchResult(outcomes, round(time.monotonic() - begun, 3), request.dry_run)


def _unlisted(left_out: Unlisted) -> ImageOutcome:
    failed, error = WatchAction.FAILED, left_out.error
    status = error.exit_status
    return ImageOutcome(left_out.tag, left_out.source, (), failed, str(error), status=status)


def _ask(images: Iterable[Watched], state: Path, skopeo: Skopeo) -> list[Asked]:
    """Ask for all sources and results at once, since most of the time is waiting."""
    listed = [*images]
    upstreams = ask_all(
        listed, lambda watched: ask_upstream(watched, _known(watched, state), skopeo)
    )
    results = ask_all(listed, lambda watched: result_in_store(watched.tag))
    return [Asked(upstream, result) for upstream, result in zip(upstreams, results, strict=True)]


def _known(watched: Watched, state: Path) -> Upstream:
    try:
        return read_state(state, watched.key, watched.tag).upstream
    except CareenError:  # look_after reports it
        return Upstream("")
