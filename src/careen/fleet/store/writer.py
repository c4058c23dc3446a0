"""Images into the store: one transaction for each, the same again for the same documents."""

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple

from careen.fleet.prepared import PackedDocument, PreparedImage, prepare
from careen.fleet.store.findings import put_findings
from careen.fleet.store.intern import Interned, marks, take
from careen.fleet.store.members import Members
from careen.fleet.store.origins import put_seen
from careen.fleet.store.port import Database
from careen.fleet.store.removal import empty_image
from careen.fleet.store.running import put_running
from careen.fleet.texts import LONGEST_KEY, indexed, raw, stored
from careen.model.fleet.facts import ImageFacts
from careen.model.fleet.running import RunningContainer

_MERGED = "image_document", "document_signer", "image_name", "finding", "image_seen"


class Writer:
    """The writer of one open store. Numbers of known rows are kept between images."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._members = Members(database)
        self._documents = Interned(database, "document", "sha256, kind, size, content", "sha256")
        self._epoch = -1

    def has(
        self,
        digests: Sequence[bytes],
        name: str,
        digest: str,
        *,
        together: bool,
        signer: str = "",
    ) -> bool:
        """Return whether the store has all documents with these SHA-256.

        `together`: one image must have them all, otherwise each some image. One that has them must
        be called `name` and `digest`, and `signer` have signed them, each "" for any.
        """
        wanted = tuple(set(digests))
        if not wanted:
            return False
        # Placeholders only.
        query = (
            "SELECT i.image, d.sha256 FROM document d JOIN image_document i ON i.document = d.id"
            f" WHERE d.sha256 IN {marks(wanted)}"
        )
        values: tuple[bytes | str, ...] = wanted
        if signer:
            query += (
                " AND EXISTS (SELECT 1 FROM document_signer s WHERE s.image = i.image AND"
                " s.document = i.document AND s.signer = ?)"
            )
            values = (*wanted, indexed(signer))
        found: dict[int, set[bytes]] = {}
        for image, sha256 in self._database.rows(query, values):
            found.setdefault(int(image), set()).add(bytes(sha256))
        if together:
            found = {image: has for image, has in found.items() if len(has) == len(wanted)}
        elif len(set().union(*found.values())) < len(wanted):
            return False
        return bool(self._called(set(found), name, digest))

    def _called(self, images: set[int], name: str, digest: str) -> set[int]:
        for table, column, value in (
            ("image_digest", "digest", digest),
            ("image_name", "name", name),
        ):
            if value and images:
                query = f"SELECT image FROM {table} WHERE {column} = ?"
                images &= {int(row[0]) for row in self._database.rows(query, (indexed(value),))}
        return images

    def put(self, facts: Callable[[], ImageFacts | PreparedImage], now: str) -> None:
        """Put what is known of an image, in place of what was known of it before.

        `facts` is called inside the transaction, so what it reads is what is replaced. Raises
        StoreError, and what `facts` raises; then the store is as it was.
        """
        try:
            with self._database.writing():
                self._check_epoch()
                given = facts()
                self._put(given if isinstance(given, PreparedImage) else prepare(given), now)
        except BaseException:
            self._forget()
            raise

    def put_running(
        self, cluster: str, containers: Sequence[RunningContainer], written: str
    ) -> None:
        """Put the containers of a cluster, in place of those of its last list.

        Raises InputError if that was written later.
        """
        put_running(self._database, cluster, containers, written)

    def _put(self, prepared: PreparedImage, now: str) -> None:
        facts = prepared.facts
        image, is_new = self._image(facts)
        if not is_new:
            empty_image(self._database, image)
            self._database.rows("UPDATE image_document SET current = 0 WHERE image = ?", (image,))
        known = facts.known
        self._database.rows(
            "INSERT INTO image (id, digest, name, platform, original, inventory, profile, unseen,"
            " unreadable, partial, distribution, verdict, policy, indexed, signer) VALUES"
            f" {marks(range(15))}",
            (
                image,
                indexed(known.digests[0]),
                stored(next(iter(known.names), known.digests[0])),
                stored(known.platform),
                stored(known.original),
                stored(facts.inventory),
                stored(facts.profile),
                stored(facts.unseen),
                facts.unreadable,
                stored(facts.partial),
                "" if facts.distribution is None else json.dumps(astuple(facts.distribution)),
                stored(facts.verdict),
                stored(facts.policy),
                now,
                stored(", ".join(sorted(facts.signers))),
            ),
        )
        self._database.many(
            "INSERT INTO image_signer (signer, image) VALUES (?, ?)",
            [(signer, image) for signer in sorted(set(map(indexed, facts.signers)))],
        )
        put_seen(self._database, (image,), now)
        self._names(image, facts)
        for document in prepared.older:
            self._document(image, document, current=0)
        for document in prepared.documents:
            self._document(image, document, current=1)
        self._members.put(image, prepared)
        if facts.findings is not None:
            put_findings(self._database, image, facts.findings, now)

    def _image(self, facts: ImageFacts) -> tuple[int, bool]:
        """Return the number of the image that any of its digests names, else a new one and True."""
        digests = tuple(map(indexed, facts.known.digests))
        rows = self._database.rows(
            f"SELECT DISTINCT image FROM image_digest WHERE digest IN {marks(digests)} ORDER BY image",
            digests,
        )
        for (other,) in rows[1:]:
            # A document named two digests that were taken for two images.
            empty_image(self._database, other)
            for table in _MERGED:
                self._database.rows(f"DELETE FROM {table} WHERE image = ?", (other,))
            self._database.rows(
                "UPDATE image_digest SET image = ? WHERE image = ?", (rows[0][0], other)
            )
        return (int(rows[0][0]), False) if rows else (take(self._database, "image", 1), True)

    def _names(self, image: int, facts: ImageFacts) -> None:
        known = facts.known
        for table, column, values in (
            ("image_digest", "digest", known.digests),
            ("image_name", "name", known.names),
        ):
            self._database.many(
                f"INSERT INTO {table} ({column}, image) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(indexed(value), image) for value in dict.fromkeys(values) if value],
            )
        self._database.many(
            "INSERT INTO image_layer (diff, place, image) VALUES (?, ?, ?)",
            [(indexed(diff), place, image) for place, diff in enumerate(known.layers)],
        )
        self._database.many(
            "INSERT INTO listener (image, port, program) VALUES (?, ?, ?)",
            sorted(
                {(image, each.port, raw(each.program)[:LONGEST_KEY]) for each in facts.listeners}
            ),
        )

    def _document(self, image: int, document: PackedDocument, *, current: int) -> None:
        digest = document.sha256
        numbers, _ = self._documents.numbers(
            (digest,), lambda key: (key, document.kind, document.size, document.compressed)
        )
        row = (image, numbers[digest])
        for table in ("image_document", "document_signer"):
            self._database.rows(f"DELETE FROM {table} WHERE image = ? AND document = ?", row)
        self._database.rows(
            "INSERT INTO image_document (image, document, kind, current) VALUES (?, ?, ?, ?)",
            (*row, document.kind, current),
        )
        self._database.many(
            "INSERT INTO document_signer (image, document, signer) VALUES (?, ?, ?)",
            [(*row, signer) for signer in sorted(set(map(indexed, document.signers)))],
        )

    def _check_epoch(self) -> None:
        """Forget numbers of rows that another process may have removed."""
        rows = self._database.rows("SELECT last FROM counter WHERE name = 'epoch'")
        epoch = int(rows[0][0]) if rows else 0
        if epoch != self._epoch:
            self._forget()
            self._epoch = epoch

    def _forget(self) -> None:
        self._documents.forget()
        self._members.forget()
