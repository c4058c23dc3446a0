"""Queries about whole images: which there are, what is known of each, and which run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from careen.fleet.store.intern import chunks, marks
from careen.fleet.store.port import Database, Row
from careen.fleet.store.running import Running, running
from careen.fleet.texts import indexed
from careen.model.fleet.facts import UNDATED

_IMAGE = "SELECT id, digest, name, inventory, profile, unseen, verdict, signer FROM image"


class StoredImage(NamedTuple):
    """What an answer says of an image: columns of `image`. A tuple, as an answer can have all."""

    id: int
    digest: str
    name: str
    inventory: str
    profile: str
    unseen: str
    verdict: str
    signer: str


class Images:
    """Queries about the images of one open store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """Return the number of images."""
        return int(self._database.rows("SELECT count(*) FROM image")[0][0])

    def images(self, numbers: Collection[int]) -> dict[int, StoredImage]:
        """Return images by number."""
        return {number: StoredImage._make(row) for number, row in self.image_rows(numbers).items()}

    def image_rows(self, numbers: Collection[int], *, walk: bool = False) -> dict[int, Row]:
        """Return the fields of `StoredImage` of images by number, which takes half the time.

        `walk` reads the whole table, for most of a store.
        """
        if not walk:
            return {row[0]: row for row in self._listed(f"{_IMAGE} WHERE id IN", tuple(numbers))}
        return {row[0]: row for row in self._database.rows(_IMAGE)}

    def unseen_in(self, numbers: Collection[int], *, walk: bool = False) -> dict[int, str]:
        """Return why not every use is known, "" if it is, of images by number; `walk` as there."""
        query = "SELECT id, unseen FROM image"
        if walk:
            return dict(self._database.rows(query))
        return dict(self._listed(f"{query} WHERE id IN", tuple(numbers)))

    def digests(self, numbers: Collection[int]) -> Iterator[str]:
        """Yield the digests of images by number."""
        for row in self._listed("SELECT digest FROM image WHERE id IN", tuple(numbers)):
            yield str(row[0])

    def all_digests(self, numbers: Collection[int]) -> Iterator[str]:
        """Yield every digest by which images are known, by number."""
        for row in self._listed("SELECT digest FROM image_digest WHERE image IN", tuple(numbers)):
            yield str(row[0])

    def partly_read(self) -> set[int]:
        """Return the images whose SBOM has parts that could not be read."""
        rows = self._database.rows("SELECT id FROM image WHERE unreadable > 0")
        return {int(row[0]) for row in rows}

    def without_inventory(self) -> dict[str, list[int]]:
        """Return the images without an SBOM, or with one that leaves packages out, by why."""
        query = "SELECT id, partial FROM image WHERE inventory = '' OR partial <> ''"
        return _by_reason(self._database.rows(query))

    def unseen(self) -> dict[str, list[int]]:
        """Return the images of which not every use is known, by why."""
        return _by_reason(self._database.rows("SELECT id, unseen FROM image WHERE unseen <> ''"))

    def inventoried_before(self, time: str) -> set[int]:
        """Return the images whose SBOM is older than a time (RFC 3339, UTC), or has no time."""
        # PostgreSQL may sort a text without a time anywhere.
        query = "SELECT id FROM image WHERE inventory = ? OR inventory <> '' AND inventory < ?"
        return {int(row[0]) for row in self._database.rows(query, (UNDATED, time))}

    def verdicts(self) -> dict[int, str]:
        """Return what careen proved of images: `verified` or `failed`."""
        query = "SELECT id, verdict FROM image WHERE verdict <> ''"
        return {int(number): str(verdict) for number, verdict in self._database.rows(query)}

    def signed_by(self, signer: str) -> set[int]:
        """Return the images of which somebody signed SBOM or index, RBOM and verdict."""
        query = "SELECT image FROM image_signer WHERE signer = ?"
        rows = self._database.rows(query, (indexed(signer),))
        return set(chain.from_iterable(rows))

    def numbers(self) -> set[int]:
        """Return the numbers of all images."""
        return set(chain.from_iterable(self._database.rows("SELECT id FROM image")))

    def named(self, text: str) -> dict[int, str]:
        """Return the digests of the images with a digest or name, by number."""
        query = (
            "SELECT id, digest FROM image WHERE id IN (SELECT image FROM image_digest WHERE digest"
            " = ? UNION SELECT image FROM image_name WHERE name = ?)"
        )
        return {
            int(number): str(digest)
            for number, digest in self._database.rows(query, (indexed(text), indexed(text)))
        }

    def called(self, digests: Iterable[str]) -> tuple[set[str], set[str]]:
        """Return all digests and names of the images that one of these digests names."""
        found: list[set[str]] = []
        for column, table in (("digest", "image_digest"), ("name", "image_name")):
            query = (
                f"SELECT o.{column} FROM image_digest g JOIN {table} o ON o.image = g.image WHERE"
                " g.digest IN"
            )
            rows = self._listed(query, tuple(map(indexed, digests)))
            found.append({str(row[0]) for row in rows})
        return found[0], found[1]

    def running(self) -> Running:
        """Return which images run in clusters."""
        return running(self._database)

    def layers(self, named: str) -> tuple[str, ...]:
        """Return the layers of the image with a digest or name, () if they are not known."""
        rows = self._database.rows(
            "SELECT l.diff FROM image_layer l WHERE l.image = (SELECT max(image) FROM (SELECT image"
            " FROM image_digest WHERE digest = ? UNION SELECT image FROM image_name WHERE name = ?)"
            " AS named) ORDER BY l.place",
            (indexed(named), indexed(named)),
        )
        return tuple(str(row[0]) for row in rows)

    def based_on(self, layers: Sequence[str]) -> set[int]:
        """Return the images whose first layers are these."""
        last = len(layers) - 1
        rows = self._database.rows(
            "SELECT image FROM image_layer WHERE diff = ? AND place = ?", (layers[last], last)
        )
        found = {int(row[0]) for row in rows}
        for place, diff in enumerate(layers[:last]):
            rows = self._database.rows(
                "SELECT image FROM image_layer WHERE diff = ? AND place = ?", (diff, place)
            )
            found &= {int(row[0]) for row in rows}
        return found

    def with_layers(self) -> set[int]:
        """Return the images whose layers are known."""
        return {
            int(row[0]) for row in self._database.rows("SELECT DISTINCT image FROM image_layer")
        }

    def distributions(self) -> Mapping[int, str]:
        """Return the stored distribution of each image that has an inventory."""
        query = "SELECT id, distribution FROM image WHERE inventory <> ''"
        return {int(number): str(text) for number, text in self._database.rows(query)}

    def _listed(self, query: str, values: Sequence[Any]) -> Iterator[Row]:
        for part in chunks(values):
            yield from self._database.rows(f"{query} {marks(part)}", part)


def _by_reason(rows: Iterable[Row]) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for number, why in rows:
        out.setdefault(why, []).append(number)
    return out
