"""Documents read by several processes: parsing them is most of what indexing costs."""

import ctypes
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import chain, islice
from multiprocessing import get_context

from careen.errors import InputError, ToolError
from careen.fleet.prepared import PreparedImage, prepare
from careen.pipeline.fleet.facts import NOT_READ, facts_of
from careen.pipeline.fleet.images import Content, images_of
from careen.pipeline.fleet.sources import Source

MOST_JOBS = 16
_FEW = 4  # sources below which starting processes takes longer than reading
_AHEAD = 2  # sources for each process that wait or are being read
_LARGE = 512 << 20  # bytes of sources that wait: what parsing takes is a multiple
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A source with its images, ready for the store, or why it could not be read."""

    source: Source
    images: tuple[PreparedImage, ...] = ()
    problem: str = ""


def default_jobs() -> int:
    """Return how many processes read: one for each processor of this process."""
    return max(1, min(len(os.sched_getaffinity(0)), MOST_JOBS))


def read_all(items: Iterable[tuple[Source, Content]], jobs: int) -> Iterator[ReadSource]:
    """Yield each source as it was read, in the order in which they are given.

    Raises ToolError if a process that reads was ended from outside.
    """
    waiting = iter(items)
    first = list(islice(waiting, _FEW))
    if jobs <= 1 or len(first) < _FEW:
        yield from (_read(*item) for item in chain(first, waiting))
        return
    # Not by fork: this process may have threads, and the children would inherit its signals.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (os.getpid(),))
    try:
        yield from _ordered(pool, chain(first, waiting), jobs)
    except BrokenProcessPool as error:
        msg = (
            "index: a reader process ended early, perhaps out of memory; what was"
            " indexed before is kept: run again with --jobs 1"
        )
        raise ToolError(msg) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _ordered(
    pool: ProcessPoolExecutor, items: Iterable[tuple[Source, Content]], jobs: int
) -> Iterator[ReadSource]:
    begun: deque[tuple[Future[ReadSource], int]] = deque()
    held = 0
    for source, content in items:
        size = sum(map(len, content.files.values()))
        while begun and (len(begun) >= jobs * _AHEAD or held + size > _LARGE):
            future, done = begun.popleft()
            held -= done
            yield future.result()
        begun.append((pool.submit(_read, source, content), size))
        held += size
    for future, _ in begun:
        yield future.result()


def _begin(parent: int) -> None:
    """Prepare a process that reads: it ends with the one that writes, and only with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _read(source: Source, content: Content) -> ReadSource:
    out: list[PreparedImage] = []
    unread = list(source.unread)
    try:
        for described in images_of(source, content):
            unread += described.unread
            facts = facts_of(described.known, described.documents)
            if unread:
                facts = replace(facts, partial=facts.partial or NOT_READ)
            out.append(prepare(facts))
    except InputError as error:  # what was read before a mistake stays
        return ReadSource(source, tuple(out), str(error))
    # What could not be read is asked for again.
    again = replace(source, unread=tuple(unread), print="") if unread else source
    return ReadSource(again, tuple(out))
