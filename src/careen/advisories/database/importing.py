"""Import of a folder (or one file) of feeds into the database."""

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ijson  # type: ignore[import-untyped]

from careen.advisories.database.replace import rebuilt
from careen.advisories.database.settled import OWN_DATE, Fate, Kind, Origin
from careen.advisories.database.staging import Stage
from careen.advisories.documents import BROKEN
from careen.advisories.feeds.others import known_non_feed, looks_like
from careen.advisories.feeds.registry import recognise
from careen.advisories.matching.survey import Part, survey
from careen.errors import InputError
from careen.model.findings.imported import Imported, ImportResult, Outcome

Say = Callable[[str], None]
_MOST_NAMED = 3  # unknown members named in a note; the rest is counted
_SAY_EVERY = 2000  # records between two checks of the clock
_SAY_SECONDS = 5.0  # between two progress messages


def import_directory(
    source: Path,
    db: Path,
    progress: Say,
    *,
    allow_smaller: bool = False,
    origins: Mapping[str, Origin] | None = None,
) -> ImportResult:
    """Import every feed below `source` (a folder or a file) into the database at `db`, atomically.

    A source with bytes that were imported before is skipped. An unreadable feed is refused alone:
    its old records stay. `allow_smaller` accepts a feed that lost more than half of its records.
    `origins` maps paths below `source` to known facts. Raises InputError (no source), ConfigError
    (the database or its directory) and ToolError (no room, another import is running).
    """
    begun = time.monotonic()
    lines: list[Imported] = []
    with rebuilt(db) as building:
        work = _Import(building.connection, source, progress, allow_smaller, origins or {}, lines)
        for part in survey(source):
            work.take(part)
        building.changed = work.moved > 0 or any(line.outcome is Outcome.IMPORTED for line in lines)
    return ImportResult(
        tuple(lines), db, db.stat().st_size if db.exists() else 0, time.monotonic() - begun
    )


@dataclass(slots=True)
class _Import:
    """State of one import."""

    db: sqlite3.Connection
    root: Path
    say: Say
    smaller: bool
    origins: Mapping[str, Origin]
    lines: list[Imported]
    fresh: set[str] = field(default_factory=set)
    told: float = field(default_factory=time.monotonic)
    moved: int = 0  # feeds with only a new date

    def take(self, part: Part) -> None:
        """Import one part of the source, or note why not."""
        if part.trouble:
            self._refuse(part, part.trouble)
            return
        if not part.readable:
            self.lines.append(
                Imported(
                    part.name,
                    Outcome.NOT_A_FEED if part.known else Outcome.UNKNOWN,
                    detail=part.known or part.looks,
                )
            )
            return
        self.say(part.name)
        digest = part.digest()
        if unchanged := self._feeds_of(digest):
            self.lines.extend(Imported(part.name, Outcome.UNCHANGED, feed) for feed in unchanged)
            self._still(part, unchanged)
            return
        before = len(self.lines)
        self._read(part, digest)
        self._silent(part, before)

    def _still(self, part: Part, feeds: list[str]) -> None:
        """Advance the date of unchanged feeds to the server's."""
        date = self.origins[part.name].date if part.name in self.origins else ""
        for feed in feeds:
            # EPSS, KEV and CVSS state their own date.
            if date and feed not in OWN_DATE:
                self.moved += self.db.execute(
                    "UPDATE feed SET date = ?1 WHERE live AND name = ?2 AND date < ?1", (date, feed)
                ).rowcount

    def _feeds_of(self, digest: str) -> list[str]:
        """Return the feeds imported from these bytes, if none was replaced since."""
        rows = self.db.execute(
            "SELECT feed, feeds FROM source WHERE digest = ?", (digest,)
        ).fetchall()
        return sorted(feed for feed, _ in rows) if rows and len(rows) == rows[0][1] else []

    def _read(self, part: Part, digest: str) -> None:
        stage = Stage(self.db, now())
        others: dict[str, int] = {}
        strange: list[str] = []
        try:
            for document in part.documents():
                reader = recognise(document.head)
                if reader is None:
                    known = known_non_feed(document.head)
                    if known is None:
                        strange.append(f"{document.name} ({looks_like(document.head)})")
                    else:
                        others[known] = others.get(known, 0) + 1
                    continue
                for number, item in enumerate(reader.read(document)):
                    stage.add(item)
                    if number % _SAY_EVERY == 0 and time.monotonic() - self.told > _SAY_SECONDS:
                        self.told = time.monotonic()
                        self.say(f"{part.name}: {stage.records} records")
        except (InputError, ijson.JSONError, ValueError, RecursionError, *BROKEN) as error:
            stage.abandon()
            said = " ".join(str(error).split())
            self._refuse(
                part,
                (
                    said
                    if isinstance(error, InputError)
                    else f"it ends in the middle or is damaged ({said}): served half?"
                ),
            )
            return
        except OSError as error:
            stage.abandon()
            self._refuse(part, error.strerror or str(error))
            return
        # A collection of VEX documents may hold a few of a vendor's that look like a feed.
        taken = sum(others.values()) <= stage.records
        self._note(part, others, strange, stage, taken=taken)
        if not taken:
            stage.abandon()
            return
        self._settle(part, digest, stage)

    def _refuse(self, part: Part, reason: str) -> None:
        self.lines.append(
            Imported(
                part.name,
                Outcome.REFUSED,
                detail=(
                    f"{reason[:400]}; nothing of it was taken, what the database holds of it stays"
                ),
            )
        )

    def _note(
        self,
        part: Part,
        others: Mapping[str, int],
        strange: list[str],
        stage: Stage,
        *,
        taken: bool,
    ) -> None:
        """Note how many documents are not advisories or are unknown, and the refused records."""
        said = [words if part.alone else f"{count} x {words}" for words, count in others.items()]
        if taken:
            said += [
                f"{count} records {words}" for words, count in stage.not_about_packages.items()
            ]
        elif strange:
            said.append(f"{len(strange)} x something else")
        if said:
            self.lines.append(Imported(part.name, Outcome.NOT_A_FEED, detail="; ".join(said)))
        if strange and taken:
            more = f", and {len(strange) - _MOST_NAMED} more" if len(strange) > _MOST_NAMED else ""
            self.lines.append(
                Imported(part.name, Outcome.UNKNOWN, detail=", ".join(strange[:_MOST_NAMED]) + more)
            )
        if stage.lost:
            reasons = tuple(stage.lost)
            self.lines.append(
                Imported(
                    part.name,
                    Outcome.UNKNOWN,
                    refused=stage.lost_count,
                    reasons=reasons,
                    detail="records that could not be read",
                )
            )

    def _silent(self, part: Part, before: int) -> None:
        """Note that a part held no records, if nothing else was noted about it."""
        if len(self.lines) == before:
            self.lines.append(Imported(part.name, Outcome.UNKNOWN, detail="it holds no records"))

    def _settle(self, part: Part, digest: str, stage: Stage) -> None:
        origin = self.origins.get(part.name, Origin())
        settled = stage.settle(part.kind, origin, part.name, fresh=self.fresh, smaller=self.smaller)
        for one in settled:
            outcome = {
                Fate.IMPORTED: Outcome.IMPORTED,
                Fate.OLDER: Outcome.OLDER,
                Fate.SHRUNK: Outcome.REFUSED,
            }[one.fate]
            self.lines.append(
                Imported(
                    part.name,
                    outcome,
                    one.feed,
                    one.date,
                    one.records,
                    one.refused,
                    one.reasons,
                    one.detail,
                )
            )
        brought = [one.feed for one in settled if one.fate is Fate.IMPORTED]
        for feed in brought:
            if part.kind is Kind.SNAPSHOT and feed not in self.fresh:
                self.db.execute("DELETE FROM source WHERE feed = ?", (feed,))
            self.db.execute(
                "INSERT OR REPLACE INTO source VALUES (?, ?, ?)", (digest, feed, len(brought))
            )
        self.fresh.update(brought)


def now() -> str:
    """Return the current time as RFC 3339, in UTC."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
