"""Documents read by several processes: parsing them is most of what indexing costs."""

import ctypes
import gc
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
from careen.fleet.prepared import PreparedImage, Shared, prepare
from careen.fleet.texts import indexed
from careen.model.fleet.facts import ImageFacts
from careen.pipeline.fleet.documents import Document
from careen.pipeline.fleet.facts import NOT_READ, facts_of
from careen.pipeline.fleet.images import Content, Described, images_of
from careen.pipeline.fleet.joined import Called, Joined, called_as, join
from careen.pipeline.fleet.sources import Source

MOST_JOBS = 16
_FEW = 4  # sources below which starting processes takes longer than reading
_AHEAD = 2  # batches for each process that wait or are being read
_BATCH, _BATCH_BYTES = 8, 8 << 20  # sources that are passed on together, and their bytes
_LARGE = 512 << 20  # bytes of sources that wait: what parsing takes is a multiple
_OBJECTS = 500_000  # new ones before cycles are looked for; documents are trees, and have none
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A source with its images, ready for the store, or why it could not be read.

    `joined` is its only image together with a document that was read of it just before.
    """

    source: Source
    images: tuple[PreparedImage, ...] = ()
    problem: str = ""
    joined: Joined | None = None


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
        batch = Batch()
        for item in chain(first, waiting):
            yield from batch.read((item,))
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
    begun: deque[tuple[Future[list[ReadSource]], int]] = deque()
    held = 0
    for batch, size in _batches(items):
        while begun and (len(begun) >= jobs * _AHEAD or held + size > _LARGE):
            future, done = begun.popleft()
            held -= done
            yield from future.result()
        begun.append((pool.submit(_read_batch, batch), size))
        held += size
    for future, _ in begun:
        yield from future.result()


def _batches(
    items: Iterable[tuple[Source, Content]],
) -> Iterator[tuple[list[tuple[Source, Content]], int]]:
    """Yield sources that are read together, and their bytes.

    Those of one directory are, as they can be of one image.
    """
    batch: list[tuple[Source, Content]] = []
    held = 0
    folder = ""
    for source, content in items:
        size = sum(map(len, content.files.values()))
        before, folder = folder, source.where.rpartition("/")[0]
        full = len(batch) >= (_BATCH if folder != before else 2 * _BATCH)
        if batch and (full or held + size > _BATCH_BYTES):
            yield batch, held
            batch, held = [], 0
        batch.append((source, content))
        held += size
        if source.live:  # the next one may come from a registry much later
            yield batch, held
            batch, held = [], 0
    if batch:
        yield batch, held


def _begin(parent: int) -> None:
    """Prepare a process that reads: it ends with the one that writes, and only with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both
    gc.set_threshold(_OBJECTS)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _read_batch(items: Iterable[tuple[Source, Content]]) -> list[ReadSource]:
    return list(Batch().read(items))


class Batch:
    """Sources that are read one after the other.

    What images of one call of `read` have in common is passed on once. An image with one document
    in each of two sources is joined here: the store would be asked for the first one, and it would
    be parsed again.
    """

    def __init__(self) -> None:
        self._shared = Shared()
        self._last: _Single | None = None

    def read(self, items: Iterable[tuple[Source, Content]]) -> Iterator[ReadSource]:
        """Yield each source as it was read."""
        self._shared = Shared()
        for source, content in items:
            yield self._read(source, content)

    def _read(self, source: Source, content: Content) -> ReadSource:
        out: list[PreparedImage] = []
        unread = list(source.unread)
        last, self._last = self._last, None
        joined: Joined | None = None
        try:
            for described in images_of(source, content):
                unread += described.unread
                facts = facts_of(described.known, described.documents)
                if unread:
                    facts = replace(facts, partial=facts.partial or NOT_READ)
                image = prepare(facts, self._shared)
                if not out and last is not None:
                    joined = self._joined(last, facts, described, image)
                out.append(image)
                self._last = _single(described, image)
        except InputError as error:  # what was read before a mistake stays
            return ReadSource(source, tuple(out), str(error))
        if len(out) > 1:
            joined = self._last = None
        # What could not be read is asked for again.
        again = replace(source, unread=tuple(unread), print="") if unread else source
        return ReadSource(again, tuple(out), joined=joined)

    def _joined(
        self, last: "_Single", facts: ImageFacts, described: Described, image: PreparedImage
    ) -> Joined | None:
        """Return an image together with the last document, if that is of the same image."""
        before = {last.sha256: last.document.signers}
        is_same = not last.called.digests.isdisjoint(map(indexed, facts.known.digests))
        if not is_same or any(each.sha256 in before for each in image.documents):
            return None
        new = {document.kind: document for document in described.documents}.values()
        whole = join(facts, (last.document, *new), last.called)
        return Joined(before, last.called, prepare(whole, self._shared))


@dataclass(frozen=True, slots=True)
class _Single:
    """An image with a single document, as the store will have it."""

    document: Document
    sha256: bytes
    called: Called


def _single(described: Described, image: PreparedImage) -> _Single | None:
    if len(image.documents) != 1:
        return None
    document = described.documents[-1]
    signers = frozenset(map(indexed, document.signers))
    return _Single(
        replace(document, signers=signers), image.documents[0].sha256, called_as(image.facts.known)
    )
