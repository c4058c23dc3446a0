"""Put the documents of many images into the store: one transaction for each image."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from careen.errors import InputError, ToolError, VerificationError
from careen.fleet.prepared import PreparedImage
from careen.fleet.store.history import lack_state
from careen.fleet.store.origins import images_of_documents, is_as_before, put_origin, put_seen
from careen.fleet.store.place import opened
from careen.fleet.store.port import Database, StoreError
from careen.fleet.store.reader import Reader
from careen.fleet.store.states import (
    Named,
    lineage,
    put_state,
    state_of,
    still,
    stored_names,
)
from careen.fleet.store.vex import put_vex
from careen.fleet.store.writer import Writer
from careen.formats.printable import printable_line
from careen.model.fleet.facts import ImageFacts
from careen.model.fleet.indexed import Indexed, Refused
from careen.pipeline.fleet.documents import parse
from careen.pipeline.fleet.gathering import Gathering
from careen.pipeline.fleet.images import Content, Found, named, read_source
from careen.pipeline.fleet.joined import Called, Joined, join
from careen.pipeline.fleet.pods import LiveCluster, is_pods, running_containers, written
from careen.pipeline.fleet.reading import ReadSource, read_all
from careen.pipeline.fleet.sources import Source, sources
from careen.pipeline.run.timestamp import now
from careen.report.terminal_output.progress import Progress, Stage


def index(
    place: str,
    paths: Sequence[str | Path],
    progress: Progress,
    jobs: int = 1,
    gathering: Gathering | None = None,
    cluster: LiveCluster | None = None,
) -> Indexed:
    """Put what the documents below paths say into the store; `jobs` processes read them.

    `cluster` is asked what runs in it. With `gathering` images of registries and lists of `careen
    watch` are read, too. A document that cannot be read is refused, and the rest goes on. Raises
    InputError for a path that is missing, StoreError if the store cannot be used, ToolError if a
    process was ended.
    """
    with ExitStack() as stack:
        database = stack.enter_context(opened(place, write=True))
        stage = stack.enter_context(progress.stage("index"))
        run = _Indexing(database, stage, gathering)
        if cluster is not None:
            run.ask(cluster)
        if gathering is None:
            found: Iterator[Found] = sources([Path(path) for path in paths])
        else:
            read_now = gathering.found([str(path) for path in paths], run.is_known)
            found = stack.enter_context(closing(read_now))
        for read in read_all(run.new(found), jobs):
            run.add(read)
        return Indexed(
            database.name,
            run.images,
            run.unchanged,
            run.running,
            tuple(run.refused),
            tuple(run.bare),
            run.scanned,
            "" if run.trust is None else run.trust.name,
            Reader(database).count(),
            round(stage.seconds, 3),
        )


class _Indexing:
    """One run: what was put, what was there, what was refused."""

    def __init__(self, database: Database, stage: Stage, gathering: Gathering | None) -> None:
        self._database = database
        self._writer = Writer(database)
        self._reader = Reader(database)
        self._stage = stage
        self._gathering = gathering
        self.trust = None if gathering is None else gathering.trust
        self.images = 0
        self.unchanged = 0
        self.running = 0
        self.scanned = 0
        self.refused: list[Refused] = []
        self.bare: list[str] = []
        self._lists: dict[str, Path] = {}

    def is_known(self, source: Source) -> bool:
        """Return whether the store has an image of a registry as it is; note that it was seen."""
        if not source.print:
            images = self._reader.named(source.name)
            self._see(images)
            return bool(images) and not lack_state(self._database, images)
        if not is_as_before(self._database, self._place(source), source.print):
            return False
        stored = self._reader.document_digests([source.digest])
        if not self._is_signed(stored.values()):
            return False
        with self._database.writing():
            if not still(self._database, Named(lineage(source.name), source.digest, now())):
                return False
            put_seen(self._database, self._reader.named(source.digest), now())
        if not stored:
            self.bare.append(source.name)
        self.unchanged += 1
        return True

    def _is_signed(self, signers: Collection[frozenset[str]]) -> bool:
        """Return whether the store names the signer of some document, if one must have signed."""
        # The image may have been forgotten, and loaded again by another signer's documents.
        return self.trust is None or not signers or self.trust.signer in frozenset().union(*signers)

    def _place(self, source: Source) -> str:
        """Return where a source is, as one signer sees it: another one finds other documents."""
        return source.where if self.trust is None else f"{source.where} by {self.trust.signer}"

    def _see(self, images: Collection[int]) -> None:
        """Note at once that images were seen: a run may be ended before its end."""
        if images:
            with self._database.writing():
                put_seen(self._database, images, now())

    def new(self, found: Iterable[Found]) -> Iterator[tuple[Source, Content]]:
        """Yield the sources that are not in the store already; lists of pods are put at once."""
        for each in found:
            if isinstance(each, tuple):
                yield each
                continue
            source = each
            try:
                content = self._content(source)
                if self._put_pods(source, content):
                    continue
            except StoreError:
                raise
            except (InputError, ToolError, VerificationError) as error:
                self._refuse(source, str(error), forged=isinstance(error, VerificationError))
                continue
            if self._is_there(source, content):
                self.unchanged += 1
            else:
                yield source, content

    def _is_there(self, source: Source, content: Content) -> bool:
        """Return whether the store has a source as it is; note that its images were seen."""
        if not self._writer.has(
            content.digests,
            source.name,
            source.digest,
            together=not source.report,
            signer=content.signer,
        ):
            return False
        images = images_of_documents(self._database, content.digests)
        self._see(images)
        # An older careen kept no history.
        return not lack_state(self._database, images)

    def _content(self, source: Source) -> Content:
        if source.report and self._gathering is not None:
            self._gathering.check_report(source)
        return read_source(source, self.trust)

    def add(self, read: ReadSource) -> None:
        """Put the images of a source."""
        where = printable_line(read.source.where)[-80:]
        self._stage.say(f"{self.images + self.unchanged:,} done, {where}")
        try:
            for image in read.images:
                self._put(image, read.joined, read.source)
                self.images += 1
                self.scanned += read.source.scanned
        except StoreError:
            raise
        except InputError as error:
            self._refuse(read.source, str(error))
        for unread in read.source.unread:
            self._refuse(read.source, named(read.source, unread))
        if read.problem:
            self._refuse(read.source, read.problem)
        elif read.source.bare and not self._reader.document_digests([read.source.digest]):
            self.bare.append(read.source.name)

    def _refuse(self, source: Source, problem: str, *, forged: bool = False) -> None:
        line = printable_line(problem)
        self.refused.append(Refused(source.where, line, forged or source.forged))

    def ask(self, cluster: LiveCluster) -> None:
        """Put what runs in a cluster now."""
        self._stage.say(f"asking what runs in {cluster.name}")
        asked = now()
        try:
            containers = cluster.running()
            self._writer.put_running(cluster.name, containers, asked)
        except (InputError, ToolError) as error:
            self._refuse(Source(cluster.name, ()), str(error))
        else:
            self.running += len(containers)

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

    def _put(self, image: PreparedImage, joined: Joined | None, source: Source) -> None:
        # Two runs at once: each must see what the other one put before it chooses.
        self._writer.put(lambda: self._noted(image, joined, source), now())

    def _noted(
        self, image: PreparedImage, joined: Joined | None, source: Source
    ) -> PreparedImage | ImageFacts:
        """Return an image with what is stored of it, and note what its name leads to."""
        whole = self._with_stored(image, joined)
        facts = whole.facts if isinstance(whole, PreparedImage) else whole
        self._put_state(facts, image.facts, source)
        put_vex(self._database, facts.known.digests[0], facts.vex)
        if source.print:
            digest = facts.known.digests[0]
            put_origin(self._database, self._place(source), source.print, digest, now())
        return whole

    def _put_state(self, facts: ImageFacts, given: ImageFacts, source: Source) -> None:
        if given.findings is not None:
            # Also a scan that is older than the one in the store has its place in the history.
            facts = replace(facts, findings=given.findings, scanned=given.scanned)
        if not any(map(lineage, facts.known.names)):
            names = stored_names(self._database, facts.known.digests)
            facts = replace(facts, known=replace(facts.known, names=names))
        named = state_of(facts, now(), live=source.live)
        if named is not None:
            put_state(self._database, named, facts.findings or ())

    def _with_stored(
        self, image: PreparedImage, joined: Joined | None
    ) -> PreparedImage | ImageFacts:
        """Return an image, with what those of its documents say that the store has."""
        known = image.facts.known
        given = {each.sha256: each.signers for each in image.documents}
        there = self._reader.document_digests(known.digests)
        if all(each in given and by <= given[each] for each, by in there.items()):
            return image
        called = Called(*map(frozenset, self._reader.called(known.digests)))
        if joined is not None and joined.before == there and joined.called == called:
            return joined.image
        stored = (
            *self._reader.documents(known.digests),
            *(each.stored for each in image.documents),
        )
        documents = [
            replace(parse(each.content, f"stored {each.kind}", each.kind), signers=each.signers)
            for each in stored
        ]
        return join(image.facts, documents, called)
