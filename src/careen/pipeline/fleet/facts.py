"""What an image's documents say together, as facts for the store."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.evidence.directory.manifest import Manifest
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.vex.document import VexDocument
from careen.model.fleet.facts import UNDATED, ImageFacts, Known
from careen.model.packages.package import Inventory, Presence
from careen.model.rbom import ImageRef, RuntimeBom
from careen.model.rfc3339 import parse_time
from careen.pipeline.fleet.documents import (
    INDEX,
    RBOM,
    SBOM,
    SCAN,
    VERDICT,
    Document,
    IndexedPackages,
    Scan,
)
from careen.pipeline.fleet.statements import vex_facts
from careen.pipeline.fleet.usage import file_facts, listeners_of, package_usages
from careen.triage.evidence import UsageIndex

NO_RBOM = "no profile (RBOM) of the image is known"
INDEX_ALONE = "its index lists no packages inside other files, as no scan looked for them"
NOT_READ = "something that is attached to it could not be read"
OF_ORIGINAL = "the profile (RBOM) is of the original, before it was hardened"
_SKEW = dt.timedelta(days=1)
"""How far clocks of other machines may be ahead."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """The newest inventory of an image, and what it leaves out."""

    inventory: Inventory
    created: str
    partial: str = ""


def facts_of(known: Known, documents: Iterable[Document]) -> ImageFacts:
    """Return the facts of one image; `known` is what is stated about it outside its documents."""
    given = {document.kind: document for document in documents}
    facts = ImageFacts(
        called(known, given.values()),
        tuple(document.stored for document in given.values()),
        unseen=NO_RBOM,
        signers=_signers(given),
    )
    stated = _inventory([document.parsed for document in given.values()])
    if stated is not None:
        facts = replace(
            facts,
            packages=tuple(stated.inventory.packages.values()),
            distribution=stated.inventory.distribution,
            inventory=stated.created,
            unreadable=len(stated.inventory.unknowns),
            partial=stated.partial,
        )
    for document in given.values():
        match document.parsed:
            case RuntimeBom() as bom:
                facts = _with_profile(facts, bom, stated.inventory if stated else None)
            case Scan() as scan:
                facts = replace(facts, findings=scan.findings, scanned=_time(scan.created, ""))
            case VexDocument() as vex:
                facts = replace(facts, vex=tuple(vex_facts(vex)))
            case Manifest() as manifest:
                facts = replace(facts, policy=str(manifest.policy.get("sha256", "")))
            case bool() as passed:
                facts = replace(facts, verdict="verified" if passed else "failed")
            case _:
                pass
    return facts


def _signers(given: Mapping[str, Document]) -> frozenset[str]:
    """Return who signed all that an answer says of an image: inventory, profile and verdict."""
    kinds = [SBOM, INDEX, RBOM, VERDICT]  # beside an SBOM the index may say the layers
    if SBOM not in given and INDEX in given:
        kinds.append(SCAN)  # it says when the index was made, and that it is whole
    signers = [given[kind].signers for kind in kinds if kind in given]
    return frozenset.intersection(*signers) if signers else frozenset()


def _inventory(parsed: Sequence[object]) -> _Stated | None:
    """Return the inventory of an SBOM, else of careen's index."""
    found: _Stated | None = None
    scanned = any(isinstance(each, Scan) for each in parsed)
    for each in parsed:
        match each:
            case SbomDocument():
                return _Stated(each.inventory, _time(each.created))
            case IndexedPackages():
                # Without a database careen does not look inside files, and the index is shorter.
                whole = scanned or any(
                    package.presence is Presence.EMBEDDED
                    for package in each.inventory.packages.values()
                )
                found = _Stated(
                    each.inventory, _time_of_index(each, parsed), "" if whole else INDEX_ALONE
                )
            case _:
                pass
    return found


def _time_of_index(index: IndexedPackages, parsed: Sequence[object]) -> str:
    """Return the first time that a profile or scan of an index's image states.

    The index states none. It was made before them, and may be of an earlier run than others.
    """
    own = set(digests_of(index.ref))
    times: list[str] = []
    for each in parsed:
        match each:
            case RuntimeBom() if not own.isdisjoint(digests_of(each.image)):
                times += (_time(run.started, "") for run in each.runs)
            case Scan():
                times.append(_time(each.created, ""))
            case _:
                pass
    return min(filter(None, times), default=UNDATED)


def _time(text: str, none: str = UNDATED) -> str:
    """Return a time as RFC 3339 in UTC, which sorts as text; `none` without one that is past."""
    parsed = parse_time(text)
    # A document of the future would be the newest one for years.
    if parsed is None or parsed > dt.datetime.now(dt.UTC) + _SKEW:
        return none
    return parsed.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made(document: Document) -> str:
    """Return what orders documents of a kind: when each was made (RFC 3339, UTC), "" if unknown."""
    match document.parsed:
        case SbomDocument() | Scan():
            return _time(document.parsed.created, "")
        case VexDocument(timestamp=timestamp):
            return _time(timestamp, "")
        case RuntimeBom():
            return max((_time(run.started, "") for run in document.parsed.runs), default="")
        case Manifest():
            return _time(document.parsed.finished, "")
        case IndexedPackages():
            # It has no time: of two indexes the one that knows more is the better one.
            return f"{len(document.parsed.inventory.packages):09}"
        case _:
            return ""


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
        elif before is not None:
            # It is as it was when other signatures of it were checked.
            signers = document.signers | before.signers
            document = replace(document, signers=signers)  # noqa: PLW2901
        current[document.kind] = document
    return tuple(current.values()), tuple(older)


def _with_profile(facts: ImageFacts, bom: RuntimeBom, inventory: Inventory | None) -> ImageFacts:
    bom = bom.without_exploration()
    exact = not set(digests_of(bom.image)).isdisjoint(facts.known.digests)
    facts = replace(
        facts,
        known=replace(
            facts.known, layers=facts.known.layers or (bom.image.diff_ids if exact else ())
        ),
        listeners=tuple(listeners_of(bom)),
        profile=max((_time(run.started) for run in bom.runs), default=""),
        unseen=OF_ORIGINAL,
    )
    if not exact and inventory is None:
        return facts  # the index of all uses would be made for nothing
    use = UsageIndex(bom, bom.image if exact else None)
    unseen = use.unseen if exact else OF_ORIGINAL
    return replace(
        facts,
        files=tuple(file_facts(bom, use)) if exact else None,
        usages=() if inventory is None else tuple(package_usages(inventory, use, unseen)),
        unseen=unseen,
    )


def digests_of(ref: ImageRef) -> Iterator[str]:
    """Yield the digests by which an image is known."""
    yield from filter(None, (ref.manifest_digest, ref.config_digest))


def called(known: Known, documents: Iterable[Document]) -> Known:
    """Return what an image is called, with digests and names that its own documents state."""
    digests, names = list(known.digests), list(known.names)
    platform, layers = known.platform, known.layers
    for document in documents:
        match document.parsed:
            case RuntimeBom(image=ref) | IndexedPackages(ref=ref):
                if set(digests_of(ref)).isdisjoint(digests):
                    continue  # the profile of the original
                platform, layers = platform or ref.platform, layers or ref.diff_ids
                if not known.closed:
                    digests += digests_of(ref)
                    names.append(ref.reference)
            case SbomDocument() | Scan() if not known.closed:
                names.append(document.parsed.subject)
            case _:
                pass
    return replace(
        known,
        digests=tuple(dict.fromkeys(filter(None, digests))),
        names=tuple(dict.fromkeys(filter(None, names))),
        platform=platform,
        layers=layers,
    )
