"""The answer to a question: which images, how strongly, and of which it is not known."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from careen.errors import InputError
from careen.fleet.store.reader import Place, Reader, StoredImage
from careen.model.fleet.facts import Usage
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Answer, Filters, Hit, Unknown

_EXAMPLES = 3
STRANGE = "it runs in a cluster, and the store has nothing else of it"
NO_INVENTORY = "no inventory (SBOM) of the image is known"


@dataclass(slots=True)
class Matches:
    """What the store has for a question, before grades and filters.

    `purls` names packages by number. `unclear` maps an image to why the question could not be
    decided for it. `needs_inventory` says that an image without SBOM has no answer; `whole` that
    the store knows every place of such a thing.
    """

    places: list[Place]
    purls: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    usages: Mapping[tuple[int, int], Usage] = field(default_factory=dict)
    unclear: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: bool = False


def answer(
    question: str, matches: Matches, filters: Filters, reader: Reader, now: dt.datetime
) -> Answer:
    """Return the answer of what matched. Raises InputError for an unknown base image."""
    return _Answering(matches, filters, reader, now).run(question)


class _Answering:
    """One answer; every image is a hit, not known, or neither."""

    def __init__(
        self, matches: Matches, filters: Filters, reader: Reader, now: dt.datetime
    ) -> None:
        self._matches = matches
        self._filters = filters
        self._reader = reader
        self._now = now
        self._unknown: dict[str, dict[int, str]] = {}
        self._running = reader.running()
        self._scope = self._base()
        if filters.running and not self._running.lists:
            msg = (
                "--running: the store has no list of running pods; index one that `kubectl get pods"
                " -A -o json` printed"
            )
            raise InputError(msg)

    def run(self, question: str) -> Answer:
        places = [place for place in self._matches.places if self._in_scope(place.image)]
        images = self._reader.images({place.image for place in places})
        hits = [
            (place.image, hit)
            for place in places
            if (image := images.get(place.image)) is not None
            and self._in_state(image)
            and (hit := self._hit(place, image)) is not None
        ]
        found = {number for number, _ in hits}
        self._add_unknown(found)
        return Answer(
            question,
            self._reader.count(),
            len(found),
            tuple(sorted((hit for _, hit in hits), key=_order)),
            tuple(self._told(found)),
            (*self._matches.notes, *self._partly_read()),
        )

    def _hit(self, place: Place, image: StoredImage) -> Hit | None:
        usage, why = self._usage(place, image)
        filters = self._filters
        if filters.grade is not None and not usage.grade.at_least(filters.grade):
            if why:  # what was seen is the least
                self._add(f"it is there, and its use is unknown: {why}", image)
            return None
        if filters.listening and not usage.ports:
            if usage.ports is None:
                self._add("it is there, and whether its program listens is unknown", image)
            return None
        named = self._matches.purls.get(place.what) if isinstance(place.what, int) else None
        what, version = named or (str(place.what), "")
        return Hit(
            image.digest,
            image.name,
            what,
            version,
            place.path if place.path != "/" else "",
            usage.grade,
            usage.workload,
            usage.program,
            usage.ports,
            why,
            image.inventory,
            image.profile,
            state_of(image),
            self._running.containers.get(image.id, 0) if self._running.lists else None,
        )

    def _usage(self, place: Place, image: StoredImage) -> tuple[Usage, str]:
        """Return the use of a place, and why it is not known."""
        known = place.usage
        if known is None and isinstance(place.what, int):
            known = self._matches.usages.get((place.image, place.what))
        if known is not None:
            if known.grade is Grade.NOT_KNOWN:
                return known, image.unseen or "its files are not known"
            return known, "" if known.grade is Grade.EXECUTED else image.unseen
        if image.unseen:
            return Usage(Grade.NOT_KNOWN, ports=None), image.unseen
        return Usage(Grade.PRESENT), ""

    def _add_unknown(self, found: set[int]) -> None:
        matches, filters = self._matches, self._filters
        for number, why in matches.unclear.items():
            for image in self._reader.images((number,)).values():
                self._add(why, image)
        if matches.files:
            self._add_files(found)
        else:
            for image in self._reader.without_inventory().values():
                self._add(image.partial or NO_INVENTORY, image)
        if filters.max_age is not None and not matches.files:
            limit = (self._now - dt.timedelta(days=filters.max_age)).strftime("%Y-%m-%dT%H:%M:%SZ")
            for image in self._reader.inventoried_before(limit).values():
                self._add(f"the inventory is older than {filters.max_age} days", image)

    def _add_files(self, found: set[int]) -> None:
        """Add the images that may have a file of which no document speaks."""
        used = self._filters.grade is not None or self._filters.listening
        for number, image in self._reader.images().items():
            if number in found:
                continue
            if used and not image.unseen:
                continue  # all that was used is known
            self._add(image.unseen if used else "only used files are known", image)

    def _add(self, why: str, image: StoredImage) -> None:
        if self._in_scope(image.id) and self._in_state(image):
            self._unknown.setdefault(why, {})[image.id] = image.name

    def _told(self, found: set[int]) -> Iterable[Unknown]:
        """Yield the images without an answer, each with its first reason alone."""
        seen = set(found)
        for why, images in self._unknown.items():
            left = {number: name for number, name in images.items() if number not in seen}
            seen.update(left)
            if left:
                yield Unknown(why, len(left), tuple(sorted(left.values())[:_EXAMPLES]))
        if strange := self._running.strange:
            yield Unknown(STRANGE, len(strange), strange[:_EXAMPLES])

    def _partly_read(self) -> Iterator[str]:
        count = 0 if self._matches.files else self._reader.partly_read()
        if count:
            names = "1 inventory names" if count == 1 else f"{count:,} inventories name"
            yield f"{names} packages or files that could not be read: what they hold is not known"

    def _base(self) -> set[int] | None:
        if not self._filters.base:
            return None
        layers = self._reader.layers(self._filters.base)
        if not layers:
            msg = (
                f"--base {self._filters.base!r}: the store knows no layers of such an image; index"
                " a profile (RBOM) of it first, and name it by its digest or name"
            )
            raise InputError(msg)
        found, known = self._reader.based_on(layers), self._reader.with_layers()
        unknown = {
            number: image.name
            for number, image in self._reader.images().items()
            if number not in known
        }
        if unknown:
            self._unknown["its layers are not known, so neither is its base image"] = unknown
        return found

    def _in_scope(self, number: int) -> bool:
        return self._scope is None or number in self._scope

    def _in_state(self, image: StoredImage) -> bool:
        if self._filters.running and image.id not in self._running.containers:
            return False
        return not self._filters.state or state_of(image) == self._filters.state


def state_of(image: StoredImage) -> str:
    """Return what is proved of an image: `verified`, `failed` or `unverified`."""
    return image.verdict or "unverified"


def _order(hit: Hit) -> tuple[int, bool, str, str, str, str]:
    return (-hit.grade.number, not hit.ports, hit.name, hit.image, hit.what, hit.path)
