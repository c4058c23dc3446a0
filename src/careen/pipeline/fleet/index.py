"""Put the documents of many images into the store: one transaction for each image."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from careen.errors import InputError
from careen.fleet.prepared import PreparedImage
from careen.fleet.store.place import opened
from careen.fleet.store.port import StoreError
from careen.fleet.store.reader import Reader
from careen.fleet.store.writer import Writer
from careen.formats.printable import printable_line
from careen.model.fleet.facts import ImageFacts
from careen.model.fleet.indexed import Indexed, Refused
from careen.pipeline.fleet.documents import Document, parse
from careen.pipeline.fleet.facts import facts_of, made
from careen.pipeline.fleet.images import Content, read_source
from careen.pipeline.fleet.pods import is_pods, running_containers, written
from careen.pipeline.fleet.reading import ReadSource, read_all
from careen.pipeline.fleet.sources import Source, sources
from careen.pipeline.run.timestamp import now
from careen.report.terminal_output.progress import Progress, Stage


def index(place: str, paths: Sequence[Path], progress: Progress, jobs: int = 1) -> Indexed:
    """Put what the documents below paths say into the store; `jobs` processes read them.

    A document that cannot be read is refused, and the rest goes on. Raises InputError for a path
    that is missing, StoreError if the store cannot be used, ToolError if a process was ended.
    """
    with opened(place, write=True) as database, progress.stage("index") as stage:
        run = _Indexing(Writer(database), Reader(database), stage)
        for read in read_all(run.new(sources(paths)), jobs):
            run.add(read)
        return Indexed(
            database.name,
            run.images,
            run.unchanged,
            run.running,
            tuple(run.refused),
            Reader(database).count(),
            round(stage.seconds, 3),
        )


class _Indexing:
    """One run: what was put, what was there, what was refused."""

    def __init__(self, writer: Writer, reader: Reader, stage: Stage) -> None:
        self._writer = writer
        self._reader = reader
        self._stage = stage
        self.images = 0
        self.unchanged = 0
        self.running = 0
        self.refused: list[Refused] = []
        self._lists: dict[str, Path] = {}

    def new(self, found: Iterable[Source]) -> Iterator[tuple[Source, Content]]:
        """Yield the sources that are not in the store already; lists of pods are put at once."""
        for source in found:
            try:
                content = read_source(source)
                if self._put_pods(source, content):
                    continue
            except StoreError:
                raise
            except InputError as error:
                self._refuse(source, str(error))
                continue
            if self._writer.has(
                content.digests, source.name, source.digest, together=not source.report
            ):
                self.unchanged += 1
            else:
                yield source, content

    def add(self, read: ReadSource) -> None:
        """Put the images of a source."""
        where = printable_line(read.source.where)[-80:]
        self._stage.say(f"{self.images + self.unchanged:,} done, {where}")
        try:
            for image in read.images:
                self._put(image)
                self.images += 1
        except StoreError:
            raise
        except InputError as error:
            self._refuse(read.source, str(error))
        if read.problem:
            self._refuse(read.source, read.problem)

    def _refuse(self, source: Source, problem: str) -> None:
        self.refused.append(Refused(source.where, printable_line(problem)))

    def _put_pods(self, source: Source, content: Content) -> bool:
        """Put what runs, if the source is a list of pods; its file name names the cluster."""
        ((path, data), *others) = content.files.items()
        if others or source.report or not is_pods(data):
            return False
        containers = running_containers(data, str(path))
        before = self._lists.setdefault(path.stem, path.resolve())
        if before != path.resolve():
            msg = (
                f"{path}: {before} is a list of the cluster {path.stem!r}, too; name each file"
                " after its cluster"
            )
            raise InputError(msg)
        self._writer.put_running(path.stem, containers, written(path))
        self.running += len(containers)
        return True

    def _put(self, image: PreparedImage) -> None:
        # Two runs at once: each must see what the other one put before it chooses.
        self._writer.put(lambda: self._with_stored(image), now())

    def _with_stored(self, image: PreparedImage) -> PreparedImage | ImageFacts:
        """Return an image, with what those of its documents say that the store has."""
        known = image.facts.known
        given = {each.sha256 for each in image.documents}
        if self._reader.document_digests(known.digests) <= given:
            return image
        new = (each.stored for each in image.documents)
        stored = (*self._reader.documents(known.digests), *new)
        documents = [parse(each.content, f"stored {each.kind}", each.kind) for each in stored]
        current, older = newest(documents)
        joined = facts_of(known, current)
        return replace(joined, older=tuple(each.stored for each in older))


def newest(documents: Iterable[Document]) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Return the newest document of each kind, and the others.

    What states no time is as old as it is far from the end of the list.
    """
    current: dict[str, Document] = {}
    older: list[Document] = []
    for document in documents:
        before = current.get(document.kind)
        if before is not None and made(before) > made(document):
            older.append(document)
            continue
        if before is not None and before.content != document.content:
            older.append(before)
        current[document.kind] = document
    return tuple(current.values()), tuple(older)
