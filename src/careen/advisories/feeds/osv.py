"""OSV records (ossf.github.io/osv-schema) of any ecosystem.

A document is one record, an array of records, or JSON lines. A record becomes one advisory per
ecosystem family (`osv:PyPI`, `osv:npm`), so copies from two buckets do not count twice.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.advisories.cvss import score_of
from careen.advisories.feeds.fields import (
    WrongField,
    mapping,
    mappings,
    shortened,
    text,
    texts,
    wrong,
)
from careen.advisories.feeds.json_lines import json_lines, whole_json
from careen.advisories.feeds.port import Document, Head, Item, NotAboutPackages, Record, Refused
from careen.formats.json_document import objects
from careen.formats.json_document import text as text_of
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CvssScore,
    Event,
    EventKind,
    ImportedCode,
    RangeKind,
    Severity,
    VendorStatus,
)
from careen.model.findings.severity import severity_word

_MOST_AFFECTED = 200_000  # entries of one record; real ones reach 20,000
_MOST_REFERENCES = 8
_SUMMARY = 300
_ERRATA = re.compile(r"(Critical|Important|Moderate|Low): ")  # prefix of RHEL-family titles
_EVENTS = {kind.value: kind for kind in EventKind}
_REFERENCE_ORDER = ("ADVISORY", "FIX", "REPORT", "WEB", "ARTICLE", "EVIDENCE")


class Osv:
    """Reader of OSV records."""

    single = True

    def recognises(self, head: Head) -> bool:
        """Return whether the first object has `id` and other fields of an OSV record."""
        value = head.value[0] if isinstance(head.value, list) and head.value else head.value
        if not isinstance(value, dict):
            return False
        affected = value.get("affected")
        if (
            isinstance(affected, list)
            and affected
            and isinstance(affected[0], dict)
            and ("package" in affected[0] or "ranges" in affected[0])
        ):
            return True
        return (
            isinstance(value.get("id"), str)
            and "modified" in value
            and any(
                key in value
                for key in ("affected", "schema_version", "withdrawn", "aliases", "published")
            )
        )

    def read(self, document: Document) -> Iterator[Item]:
        """Yield each record."""
        if document.head.lines:
            values: Iterator[tuple[str, object]] = json_lines(document)
        else:
            whole = whole_json(document)
            values = (
                enumerate_values(document.name, whole)
                if isinstance(whole, list)
                else iter(((document.name, whole),))
            )
        for where, value in values:
            yield read_record(value, where)


def enumerate_values(name: str, values: list[Any]) -> Iterator[tuple[str, object]]:
    """Yield each value of an array with its place."""
    for number, value in enumerate(values):
        yield f"{name}[{number}]", value


def read_record(value: object, where: str) -> Item:
    """Return one record, or why it is refused or ignored."""
    identifier = value.get("id") if isinstance(value, dict) else None
    place = f"{where} ({identifier})" if isinstance(identifier, str) else where
    try:
        advisories = tuple(_advisories(mapping(value, "record")))
    except WrongField as error:
        return Refused(_guess_feed(value), place, str(error))
    if not advisories:
        return NotAboutPackages("that name no package, only commits of a repository")
    return Record(advisories)


def _guess_feed(value: object) -> str:
    """Return the feed of a malformed record, for counting, or ""."""
    found = (
        re.search(r'"ecosystem": "([^":]{1,40})', json.dumps(value)[:100_000])
        if isinstance(value, dict)
        else None
    )
    return f"osv:{found[1]}" if found else ""


def _advisories(record: Mapping[str, Any]) -> Iterator[Advisory]:
    identifier = text(record.get("id"), "id")
    if not identifier:
        raise wrong("id", "the record's identifier", record.get("id"))
    families: dict[str, list[AffectedPackage]] = {}
    entries = list(mappings(record.get("affected"), "affected"))
    if len(entries) > _MOST_AFFECTED:
        raise wrong("affected", f"at most {_MOST_AFFECTED} entries", len(entries))
    scores = list(_scores(record, "severity"))
    for path, entry in entries:
        package = mapping(entry.get("package"), f"{path}.package")
        if not package:
            continue
        read = _affected(entry, package, path)
        families.setdefault(read.ecosystem.split(":")[0], []).append(read)
        scores.extend(score for score in _scores(entry, f"{path}.severity") if score not in scores)
    summary = (
        text(record.get("summary"), "summary")
        or text(record.get("details"), "details").partition("\n")[0]
    )
    common = Advisory(
        identifier,
        "",
        (),
        aliases=texts(record.get("aliases"), "aliases"),
        related=texts(record.get("related"), "related"),
        upstream=texts(record.get("upstream"), "upstream"),
        summary=shortened(summary, _SUMMARY),
        published=text(record.get("published"), "published"),
        modified=text(record.get("modified"), "modified"),
        withdrawn=text(record.get("withdrawn"), "withdrawn"),
        scores=tuple(scores),
        severity=_severity(record, summary),
        references=_references(record),
    )
    for family, affected in families.items():
        yield Advisory(
            common.id,
            f"osv:{family}",
            tuple(affected),
            common.aliases,
            common.related,
            common.upstream,
            common.summary,
            common.published,
            common.modified,
            common.withdrawn,
            common.scores,
            common.severity,
            common.references,
        )


def _affected(entry: Mapping[str, Any], package: Mapping[str, Any], path: str) -> AffectedPackage:
    ecosystem, name = (
        text(package.get("ecosystem"), f"{path}.package.ecosystem"),
        text(package.get("name"), f"{path}.package.name"),
    )
    if not ecosystem or not name:
        raise wrong(f"{path}.package", "an ecosystem and a name", dict(package))
    ranges = tuple(
        _range(item, where) for where, item in mappings(entry.get("ranges"), f"{path}.ranges")
    )
    specific = mapping(entry.get("ecosystem_specific"), f"{path}.ecosystem_specific")
    urgency = (
        specific.get("urgency")
        or specific.get("severity")
        or mapping(entry.get("database_specific"), f"{path}.database_specific").get("severity")
    )
    fixed = any(
        event.kind is EventKind.FIXED
        for one in ranges
        if one.kind is not RangeKind.GIT
        for event in one.events
    )
    status = VendorStatus.FIXED if fixed else VendorStatus.AFFECTED
    if urgency == "end-of-life" and not fixed:
        status = VendorStatus.END_OF_LIFE
    return AffectedPackage(
        ecosystem,
        name,
        ranges,
        texts(entry.get("versions"), f"{path}.versions"),
        status,
        severity=urgency.lower()
        if isinstance(urgency, str) and severity_word(urgency) is not Severity.UNKNOWN
        else "",
        code=tuple(_code(specific, f"{path}.ecosystem_specific")),
    )


def _range(item: Mapping[str, Any], where: str) -> AffectedRange:
    kind = item.get("type")
    if kind not in ("ECOSYSTEM", "SEMVER", "GIT"):
        raise wrong(f"{where}.type", "ECOSYSTEM, SEMVER or GIT", kind)
    events: list[Event] = []
    for path, event in mappings(item.get("events"), f"{where}.events"):
        for key, version in event.items():
            if key not in _EVENTS:
                raise wrong(path, "introduced, fixed, last_affected or limit", key)
            events.append(Event(_EVENTS[key], text(version, f"{path}.{key}")))
    return AffectedRange(RangeKind(kind), tuple(events))


def _code(specific: Mapping[str, Any], where: str) -> Iterator[ImportedCode]:
    """Yield the vulnerable code that a record names.

    The forms differ: Go (`imports` with paths), PyPA (`imports` with modules), Rust
    (`affects.functions`), GitHub (`affected_functions`, dotted).
    """
    imports = specific.get("imports")
    for number, item in enumerate(imports if isinstance(imports, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("path"), str):
            yield ImportedCode(
                item["path"], texts(item.get("symbols"), f"{where}.imports[{number}].symbols")
            )
        elif isinstance(item, dict) and isinstance(item.get("modules"), list):
            attribute = item.get("attribute")
            for module in texts(item["modules"], f"{where}.imports[{number}].modules"):
                yield ImportedCode(
                    module, (attribute,) if isinstance(attribute, str) and attribute else ()
                )
    named = specific.get("affected_functions")
    for function in named if isinstance(named, list) else ():
        if isinstance(function, str) and function:
            yield ImportedCode(function)
    affects = specific.get("affects")
    functions = affects.get("functions") if isinstance(affects, dict) else None
    for function in functions if isinstance(functions, list) else ():
        if isinstance(function, str):
            path, _, symbol = function.rpartition("::")
            yield ImportedCode(path or symbol, (symbol,) if path else ())


def _scores(holder: Mapping[str, Any], where: str) -> Iterator[CvssScore]:
    for path, item in mappings(
        holder.get("severity") if isinstance(holder.get("severity"), list) else None, where
    ):
        vector = text(item.get("score"), f"{path}.score")
        if (
            text(item.get("type"), f"{path}.type").startswith("CVSS")
            and (score := score_of(vector, "record")) is not None
        ):
            yield score


def _severity(record: Mapping[str, Any], summary: str) -> str:
    """Return the record's own severity word in lower case, or "" if it has none."""
    own = record.get("database_specific")
    word = own.get("severity") if isinstance(own, dict) else None
    if isinstance(word, str) and severity_word(word) is not Severity.UNKNOWN:
        return word.lower()
    for item in objects(record.get("severity")):
        if item.get("type") == "Ubuntu" and (score := text_of(item.get("score"))):
            return score.lower()
    found = _ERRATA.match(summary)
    return found[1].lower() if found else ""


def _references(record: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[tuple[int, str]] = []
    for path, item in mappings(record.get("references"), "references"):
        kind, url = text(item.get("type"), f"{path}.type"), text(item.get("url"), f"{path}.url")
        found.append(
            (
                _REFERENCE_ORDER.index(kind) if kind in _REFERENCE_ORDER else len(_REFERENCE_ORDER),
                url,
            )
        )
    return tuple(dict.fromkeys(url for _, url in sorted(found, key=lambda pair: pair[0]) if url))[
        :_MOST_REFERENCES
    ]
