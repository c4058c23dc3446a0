"""Put the documents of many images into the store: one transaction for each image."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from careen.errors import InputError
from careen.fleet.store.place import opened
from careen.fleet.store.port import StoreError
from careen.fleet.store.reader import Reader
from careen.fleet.store.writer import Writer
from careen.formats.printable import printable_line
from careen.model.fleet.indexed import Indexed, Refused
from careen.pipeline.fleet.documents import Document, parse
from careen.pipeline.fleet.facts import facts_of, made
from careen.pipeline.fleet.images import Content, Described, images_of, read_source
from careen.pipeline.fleet.pods import is_pods, running_containers
from careen.pipeline.fleet.sources import Source, sources
from careen.pipeline.run.timestamp import now
from careen.report.terminal_output.progress import Progress, Stage


def index(place: str, paths: Sequence[Path], progress: Progress) -> Indexed:
    """Put what the documents below paths say into the store.

    A document that cannot be read is refused, and the rest goes on. Raises InputError for a path
    that is missing, StoreError if the store cannot be used.
    """
    with opened(place, write=True) as database, progress.stage("index") as stage:
        run = _Indexing(Writer(database), Reader(database), stage)
        for source in sources(paths):
            run.add(source)
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

    def add(self, source: Source) -> None:
        """Put the images of a source, if they are not there already."""
        self._stage.say(
            f"{self.images + self.unchanged:,} done, {printable_line(source.where)[-80:]}"
        )
        try:
            content = read_source(source)
            if self._put_pods(source, content):
                return
            if self._writer.has(content.digests):
                self.unchanged += 1
                return
            for described in images_of(source, content):
                self._put(described)
                self.images += 1
        except StoreError:
            raise
        except InputError as error:
            refused = Refused(source.where, printable_line(str(error)))
            self.refused.append(refused)

    def _put_pods(self, source: Source, content: Content) -> bool:
        """Put what runs, if the source is a list of pods; its file name names the cluster."""
        ((path, data), *others) = content.files.items()
        if others or source.report or not is_pods(data):
            return False
        containers = running_containers(data, str(path))
        self._writer.put_running(path.stem, containers, now())
        self.running += len(containers)
        return True

    def _put(self, described: Described) -> None:
        stored = self._reader.documents(described.known.digests)
        earlier = [parse(each.content, f"stored {each.kind}", each.kind) for each in stored]
        current, older = newest((*earlier, *described.documents))
        facts = facts_of(described.known, current)
        self._writer.put(replace(facts, older=tuple(each.stored for each in older)), now())


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
