"""Harden an image once for each workload, and compare with one image for all of them."""

from dataclasses import dataclass, replace

from careen.errors import CareenError, InputError
from careen.model.plan import Plan
from careen.model.summary import Summary
from careen.oci.reference import OciArchive, OciLayout, RegistryImage, StorageImage
from careen.pipeline.harden import harden_opened
from careen.pipeline.hardening.ground import ground
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, Place
from careen.pipeline.run.source import Examined
from careen.rbom.merge import merge


@dataclass(frozen=True, slots=True)
class Split:
    """Summaries in the order of the workloads.

    `together` is the bytes of the files that one image for all workloads would keep.
    """

    summaries: tuple[Summary, ...]
    together: int


def harden_split(request: HardenRequest, session: Session) -> Split:
    """Harden the image once for each workload of the request.

    `-WORKLOAD` is appended to the tag and the outputs; reports go into directories below the
    request's. The first failure ends the run; its error names what was promoted before. Raises as
    `harden`.
    """
    parts = split_requests(request)
    summaries: list[Summary] = []
    boms = []
    with ground(parts, session) as opened:
        for part in parts:
            session.progress.note(
                f"workload {part.workloads[0].name}: {', '.join(part.destination.describe())}"
            )
            if summaries:  # shared work, such as reading the image, counts for the first
                session.reset_clock()
            try:
                summary, bom = harden_opened(part, opened, session)
            except CareenError as error:
                promoted = [place for done in summaries for place in done.promoted]
                error.add_note(
                    f"workload {part.workloads[0].name!r} of --split"
                    + (f"; promoted before: {', '.join(promoted)}" if promoted else "")
                )
                raise
            summaries.append(summary)
            boms.append(bom)
        with session.stage("plan"):
            session.say("planning one image for all workloads, for comparison")
            together = kept_bytes(
                opened.original, make_plan(opened.original, merge(boms), request.choices)
            )
    return Split(tuple(summaries), together)


def split_requests(request: HardenRequest) -> tuple[HardenRequest, ...]:
    """Return one request for each workload. Raises InputError if there are fewer than two."""
    if len(request.workloads) < 2:  # noqa: PLR2004 — one is not split
        msg = (
            "--split needs several workloads: describe them in careen.toml as [workload.NAME]"
            " tables"
        )
        raise InputError(msg)
    return tuple(
        replace(
            request,
            workloads=(workload,),
            destination=destination_of(request.destination, workload.name),
            report_directory=request.report_directory / workload.name,
        )
        for workload in request.workloads
    )


def destination_of(whole: Destination, workload: str) -> Destination:
    """Return the destination of one workload: its name is appended to the tag and the outputs."""
    return replace(
        whole,
        tag=_tagged(whole.tag, workload) if whole.tag else None,
        outputs=tuple(_output(output, workload) for output in whole.outputs),
    )


def _tagged(tag: str, workload: str) -> str:
    """Append a workload to a tag: `my/app:1` gives `my/app:1-serve`, `my/app` `my/app:serve`."""
    return f"{tag}-{workload}" if ":" in tag.rpartition("/")[2] else f"{tag}:{workload}"


def _output(output: Place, workload: str) -> Place:
    if isinstance(output, RegistryImage | StorageImage):
        return replace(output, name=_tagged(output.name, workload))
    path = output.path.with_name(f"{output.path.stem}-{workload}{output.path.suffix}")
    if isinstance(output, OciLayout):
        return replace(output, path=path)
    if isinstance(output, OciArchive):
        return replace(output, path=path, tag=_tagged(output.tag, workload) if output.tag else None)
    return replace(output, path=path, ref=_tagged(output.ref, workload) if output.ref else None)


def kept_bytes(original: Examined, plan: Plan) -> int:
    """Return the bytes of the regular files that a plan keeps, counting hard links once."""
    sizes = {
        entry.inode: entry.size for path in plan.keep if (entry := original.rootfs[path]).is_file
    }
    return sum(sizes.values())
