"""Record chosen pods of a Kubernetes node, and merge what they used into one RBOM per image."""

import contextlib
import itertools
import re
import select
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.clusters.pods import Pod, PodContainer
from careen.clusters.selector import Selector
from careen.clusters.source import PodSource
from careen.engines.attached import ExitWatch, find_cgroup
from careen.engines.control_groups import group_of
from careen.errors import CareenError, InputError, ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.control_group import parse_control_group
from careen.model.runs.recorded_pods import PodRecord, PodsPass, Template, digits
from careen.pipeline.attach import FULL, End, Recorded, bom_of, now, stop_signals
from careen.pipeline.profiling.image_match import changes
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.rbom.merge import merge
from careen.rbom.store import load_rbom, write_rbom
from careen.report.output_file import write_output
from careen.report.terminal_output.figures import duration
from careen.sensor.port import Watch

AT_ONCE = 4
"""Containers that are recorded at the same time: each takes 150 MiB of kernel memory."""

KEPT = 500
"""RBOMs of templates that are kept, and as many of images: the last ones that were written."""

_SLICE = 5.0
_IMAGE_FILE = re.compile(r"image_[0-9a-f]{12}\.rbom\.json\Z")
_TEMPLATE_FILE = re.compile(r"[a-z0-9.-]+_[a-z0-9.-]+_[a-z0-9.-]+_([0-9a-f]{12})\.rbom\.json\Z")


@dataclass(frozen=True, slots=True)
class PodsRequest:
    """What to record, and where the RBOMs go.

    `selector` chooses pods of `source`, `container` one container of each ("" all of them).
    `seconds` is the length of a recording; `every` that from the begin of a pass to the next, None
    for one pass.
    """

    source: PodSource
    selector: Selector
    container: str
    seconds: float
    every: float | None
    folder: Path


def record_pods(request: PodsRequest, session: Session) -> Iterator[PodsPass]:
    """Record the chosen pods of this node, in passes, and yield the result of each.

    One container of each template is recorded in a pass, at most `AT_ONCE` of them: in turn one
    that never was, and the one that was tried longest ago. SIGINT, SIGTERM and SIGHUP end the
    recordings, and keep what there is; before the images are read, they end careen. The pods are
    not changed. Raises InputError or ToolError if nothing can be recorded at all.
    """
    _ = session.sensor  # what is missing is said before anything is asked
    first = True
    tried: dict[Template, float] = {}
    while True:
        begun = time.monotonic()
        is_stopped = False
        try:
            done, is_stopped = _pass(request, session, tried)
        except CareenError as error:
            if first:
                raise
            done = PodsPass(left=[str(error)])  # the API may answer again by the next pass
        yield done
        first = False
        if request.every is None or is_stopped:
            return
        with stop_signals() as stopped:
            if _stopped(stopped, max(0.0, request.every - (time.monotonic() - begun))):
                return


def _pass(
    request: PodsRequest, session: Session, tried: dict[Template, float]
) -> tuple[PodsPass, bool]:
    """Return what a pass recorded, and whether a signal ended it.

    `tried` has the time of day at which each template was last tried, and is brought up to date.
    """
    chosen = _chosen(request, tried)
    result = PodsPass()
    running: list[_Recording] = []
    with contextlib.ExitStack() as signals:
        with contextlib.ExitStack() as held:
            with session.stage("inspect"):
                for template, pod, container in chosen:
                    if len(running) == AT_ONCE:
                        waiting = f"a later pass takes it: {AT_ONCE} are recorded at once"
                        result.left.append(f"{template.name}: {waiting}")
                        continue
                    tried[template] = time.time()
                    try:
                        running.append(
                            held.enter_context(_recording(template, pod, container, session))
                        )
                    except CareenError as error:
                        result.left.append(f"{template.name} (pod {pod.name}): {error}")
            stopped = signals.enter_context(stop_signals())  # there is something to keep now
            with session.stage("record"):
                _record(running, request, session, stopped, result)
        _forget(request.folder)
        for digest in {record.bom.image.config_digest for record in result.records}:
            try:
                result.images[digest] = _merged_image(request.folder, digest)
            except (CareenError, OSError) as error:
                result.left.append(f"canary profile of {digest}: {error}")
        return result, _stopped(stopped, 0)


def _chosen(
    request: PodsRequest, tried: dict[Template, float]
) -> list[tuple[Template, Pod, PodContainer]]:
    """Return one container of each template, in the order in which they are to be recorded.

    Templates that are gone leave `tried`. Raises InputError if no pod is chosen.
    """
    pods = request.source.pods()
    found: dict[Template, tuple[Template, Pod, PodContainer]] = {}
    matching = [pod for pod in pods if request.selector.chooses(pod.labels)]
    for pod in sorted(matching, key=lambda pod: (pod.namespace, pod.name)):
        for container in pod.containers:
            if request.container in ("", container.name):
                digest = container.digest or container.image
                template = Template(
                    pod.namespace, pod.workload, pod.template, container.name, digest
                )
                found.setdefault(template, (template, pod, container))
    if not found and request.every is None:
        what = f" with a container {request.container!r}" if request.container else ""
        msg = (
            f"no pod{what} is chosen by {request.selector.text!r}, of {len(pods)} that run on this"
            " node: `kubectl get pods -A -l SELECTOR -o wide` shows where they are"
        )
        raise InputError(msg)
    for gone in tried.keys() - found.keys():
        del tried[gone]
    last = {each: max(_last(request.folder, each), tried.get(each, 0.0)) for each in found}
    new = [each for each in found if not last[each]]
    known = sorted((each for each in found if last[each]), key=last.__getitem__)
    # New ones alone would keep the others waiting wherever something new starts every hour.
    turns = itertools.chain.from_iterable(itertools.zip_longest(new, known))
    return [found[each] for each in turns if each is not None]


def _last(folder: Path, template: Template) -> float:
    """Return when a template was last recorded, of any of its images."""
    times = [0.0]
    # Names of Kubernetes have no characters of patterns.
    for file in folder.glob(template.file("*")):
        with contextlib.suppress(OSError):
            times.append(file.stat().st_mtime)
    return max(times)


@dataclass(slots=True)
class _Recording:
    template: Template
    pod: Pod
    running: RunningContainer
    life: ExitWatch
    watch: Watch
    begun: float
    started: str
    examined: Examined
    notes: tuple[str, ...]


@contextlib.contextmanager
def _recording(
    template: Template, pod: Pod, container: PodContainer, session: Session
) -> Iterator[_Recording]:
    """Attach to a container, and read its image. Raises CareenError."""
    source = _image(container)
    group = group_of(container.container_id)
    found = parse_control_group(str(group))
    if found is None or found.pod_uid != pod.group_uid:
        msg = (
            f"its control group {group} is not of this pod ({pod.group_uid}): list the pods of this"
            " very node"
        )
        raise ToolError(msg)
    running = replace(
        find_cgroup(group),
        name=template.name,
        engine=container.runtime,
    )
    with (
        contextlib.closing(ExitWatch(running)) as life,
        contextlib.closing(session.sensor.attach(running)) as watch,
        contextlib.ExitStack() as held,
    ):
        begun, started = time.monotonic(), now()
        examined = examine(held.enter_context(open_source(source, session)), session)
        changed = changes(running, examined.rootfs, source)
        notes = (f"pod {pod.namespace}/{pod.name}", *changed)
        yield _Recording(template, pod, running, life, watch, begun, started, examined, notes)


def _image(container: PodContainer) -> str:
    if container.digest or container.image:
        return f"docker://{container.digest or container.image}"
    msg = f"container {container.name!r}: the node says nothing of its image"
    raise ToolError(msg)


def _record(
    running: Sequence[_Recording],
    request: PodsRequest,
    session: Session,
    stopped: int,
    result: PodsPass,
) -> None:
    """Wait for the end of each recording, and write its RBOM then."""
    todo = list(running)
    while todo:
        left = max(0.0, min(each.begun for each in todo) + request.seconds - time.monotonic())
        session.say(f"recording {len(todo)} containers, {duration(left)} to go")
        poll = select.poll()
        for fd in (stopped, *(each.life.fileno() for each in todo)):
            poll.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(min(left, _SLICE) * 1000)}
        for each in tuple(todo):
            if (end := _end(each, ready, stopped, request.seconds)) is not None:
                todo.remove(each)
                try:
                    result.records.append(_written(each, end, request, session))
                except (CareenError, OSError) as error:
                    result.left.append(f"{each.template.name} (pod {each.pod.name}): {error}")


def _end(each: _Recording, ready: set[int], stopped: int, seconds: float) -> End | None:
    if stopped in ready:
        return End.STOPPED
    if each.life.fileno() in ready:
        return End.CONTAINER
    if time.monotonic() - each.begun >= seconds:
        return End.TIME
    return End.FULL if each.watch.used() > FULL else None


def _written(each: _Recording, end: End, request: PodsRequest, session: Session) -> PodRecord:
    """Merge a recording into its file. Raises CareenError or OSError."""
    trace = each.watch.finish()
    ended = (
        ()
        if end is End.TIME
        else (f"recording ended after {duration(trace.seconds)}: {end.value}",)
    )
    recorded = Recorded(trace, each.started, (*each.notes, *ended))
    session.say(f"attributing what {each.template.name} did to files and packages")
    bom = bom_of(each.running, recorded, each.examined)
    if not bom.completeness.complete:
        # Merged once, its gaps would be those of the profile for ever.
        msg = f"not merged, as it is not complete: {bom.completeness.sentence()}"
        raise ToolError(msg)
    file = request.folder / each.template.file(bom.image.config_digest)
    if file.exists():
        bom = merge([load_rbom(file), bom])
    write_output(file, write_rbom(bom))
    return PodRecord(each.template, each.pod.name, bom, file)


def _merged_image(folder: Path, digest: str) -> Path:
    """Merge the RBOMs of all templates of one image into its canary profile.

    Raises CareenError or OSError.
    """
    boms = []
    for file in sorted(folder.iterdir()):
        name = _TEMPLATE_FILE.match(file.name)
        if name is not None and name[1] == digits(digest):
            with contextlib.suppress(CareenError):  # another's file, or a damaged one
                bom = load_rbom(file)
                if bom.image.config_digest == digest:
                    boms.append(bom)
    target = folder / f"image_{digits(digest)}.rbom.json"
    write_output(target, write_rbom(merge(boms)))
    return target


def _forget(folder: Path) -> None:
    """Remove the RBOMs that were written longest ago, beyond `KEPT` of templates and of images."""
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda file: file.lstat().st_mtime, reverse=True)
        templates = [file for file in files if _TEMPLATE_FILE.match(file.name)]
        images = [file for file in files if _IMAGE_FILE.match(file.name)]
        for file in (*templates[KEPT:], *images[KEPT:]):
            file.unlink()


def _stopped(stopped: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(stopped, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
