"""Find the entries of an allow-list that an image needs no longer."""

from dataclasses import dataclass, replace
from pathlib import Path

from careen.advisories.database.store import Store, open_store
from careen.advisories.matching.match import match
from careen.advisories.matching.passed import passed
from careen.model.findings.exceptions import EntryVerdict, IgnorePruning
from careen.model.findings.finding import Finding, Uncovered
from careen.model.findings.identifiers import spelled
from careen.model.packages.package import Ecosystem, Inventory
from careen.pipeline.findings.scan_source import Stock, open_inventory
from careen.pipeline.ignore.listing import (
    AllowList,
    essence,
    read_list,
    today,
    unchangeable,
    write_list,
)
from careen.pipeline.run.session import Session
from careen.pipeline.why.finding import records_of
from careen.triage.ignore.matching import RuleIndex
from careen.triage.ignore.needed import Compared, Need, need_of, packages_of, unread_of
from careen.triage.ignore.rule import ANY, Rule
from careen.triage.ignore.standing import Standing, standing_of, words


@dataclass(frozen=True, slots=True)
class PruneRequest:
    """Which list to prune for which image; it is written only with `write`."""

    subject: str
    database: Path
    target: Path
    write: bool


def prune(request: PruneRequest, session: Session) -> IgnorePruning:
    """Return the entries of a list that an image needs no longer, and write the list without them.

    Raises InputError or ConfigError for a list that is not there or not understood.
    """
    listed = read_list(request.target, must_exist=True)
    with (
        open_store(request.database) as store,
        session.stage("inspect"),
        open_inventory(request.subject, session) as stock,
    ):
        removed, attention = _judged(listed, _Image(stock, store))
        done = IgnorePruning(
            stock.subject,
            stock.digest,
            listed.shape.words,
            listed.name,
            len(listed.rules),
            tuple(removed.values()),
            attention,
        )
    if not request.write or not removed:
        return done
    write_list(request.target, _pruned(listed, removed))
    return replace(done, written=True)


def _judged(
    listed: AllowList, image: "_Image"
) -> tuple[dict[int, EntryVerdict], tuple[EntryVerdict, ...]]:
    """Return the entries that are needed no longer, by number, and those to look at."""
    day = today()
    hits = RuleIndex(listed.rules, image.stock.inventory).hits(image.found)
    removed: dict[int, EntryVerdict] = {}
    attention: list[EntryVerdict] = []
    for number, (rule, count) in enumerate(zip(listed.rules, hits, strict=True)):
        standing = standing_of(rule, count, day)
        if standing is Standing.IDLE:
            need = image.need_of(rule)
            verdict = EntryVerdict(rule.where, rule.what, need.why)
            if need.needless:
                removed[number] = verdict
            else:
                attention.append(verdict)
        elif standing is not Standing.IN_FORCE:
            why = words(rule, standing, count, day)
            attention.append(EntryVerdict(rule.where, rule.what, why))
    return removed, tuple(attention)


class _Image:
    """The packages of an image, and what the database says of them."""

    def __init__(self, stock: Stock, store: Store) -> None:
        self.stock = stock
        self._store = store
        matched = match(stock.inventory, store)
        self.found = matched.findings
        self._unread = unread_of(stock.inventory)
        self._all_compared = not matched.uncovered
        self._uncovered: dict[frozenset[str], tuple[Uncovered, ...]] = {}

    def need_of(self, rule: Rule) -> Need:
        """Return whether an entry is still needed that names no finding."""
        known = rule.identifier != ANY
        records = records_of(self._store, spelled(rule.identifier)) if known else ()
        about = packages_of(rule, self.stock.inventory)
        affected = frozenset(one.package for one in self.found if _is_of(rule, one))
        compared = Compared(
            records,
            passed(about, records, affected),
            self._gaps(about) if records else (),
            self._unread,
        )
        return need_of(rule, tuple(about.packages.values()), compared)

    def _gaps(self, about: Inventory) -> tuple[Uncovered, ...]:
        """Return which of these packages no feed covers, without bundled software."""
        # Bundled software is compared by its name with the records of every feed.
        managed = {
            purl: package
            for purl, package in about.packages.items()
            if package.ecosystem is not Ecosystem.GENERIC
        }
        if self._all_compared:
            return ()
        key = frozenset(managed)
        if key not in self._uncovered:
            part = replace(about, packages=managed)
            self._uncovered[key] = match(part, self._store).uncovered
        return self._uncovered[key]


def _is_of(rule: Rule, finding: Finding) -> bool:
    return rule.identifier in (name.upper() for name in finding.identifiers)


def _pruned(listed: AllowList, removed: dict[int, EntryVerdict]) -> bytes:
    """Return the list without some entries, checked by reading it again."""
    places = {listed.rules[number].place for number in removed}
    data = listed.shape.remove(listed.data, places, listed.name)
    kept = [rule for number, rule in enumerate(listed.rules) if number not in removed]
    if essence(listed.shape.parse(data, listed.name).rules) != essence(kept):
        raise unchangeable(listed)
    return data
