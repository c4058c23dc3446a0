"""Reader of CycloneDX VEX 1.4 to 1.7 (cyclonedx.org/capabilities/vex).

It reads stand-alone documents, and SBOMs with vulnerabilities that have an analysis.
"""

import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.json_access import Problems, text, texts
from careen.evidence.vex.terms import CYCLONEDX_JUSTIFICATION, CYCLONEDX_RESPONSE, CYCLONEDX_STATE
from careen.formats.json_document import items, mapping, objects, shown
from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from careen.model.packages.purls import read_purl

# A later statement may revoke an earlier one.
MAX_STATEMENTS = 250_000
"""Limit of statements per document. Larger documents are refused, not truncated."""

_VERSION_STATUS: Mapping[str, VexStatus] = {
    "unaffected": VexStatus.NOT_AFFECTED,
    "unknown": VexStatus.UNDER_INVESTIGATION,
}


def is_cyclonedx(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is a CycloneDX document."""
    return document.get("bomFormat") == "CycloneDX"


def read_cyclonedx(document: Mapping[str, Any], where: str) -> VexDocument:
    """Read a document. Vulnerabilities without an analysis are omitted.

    Raises InputError if nothing is stated, or there are too many statements.
    """
    version = text(document.get("specVersion"))
    problems = Problems()
    components = _Components(document)
    metadata = mapping(document.get("metadata"))
    authors = (
        *(text(one.get("name")) for one in objects(metadata.get("authors"))),
        *(
            text(mapping(metadata.get(role)).get("name"))
            for role in ("manufacturer", "supplier", "manufacture")
        ),
    )
    author, timestamp = (
        next((name for name in authors if name), ""),
        text(metadata.get("timestamp")),
    )
    serial = text(document.get("serialNumber"))
    statements: list[VexStatement] = []
    bare = 0
    for number, raw in enumerate(objects(document.get("vulnerabilities"))):
        place = f"vulnerabilities[{number}]"
        # Without an analysis it is a scanner's finding, not a statement.
        if not raw.get("analysis") and not _says_unaffected(raw):
            bare += 1
            continue
        statements += (
            replace(one, author=author, document=serial, timestamp=one.timestamp or timestamp)
            for one in _statements(raw, place, components, problems)
        )
        if len(statements) > MAX_STATEMENTS:
            msg = (
                f"{where}: {place}: more than the {MAX_STATEMENTS} statements that are read of one"
                " document"
            )
            raise InputError(msg)
    if not statements:
        found = f"{bare} vulnerabilities without an analysis" if bare else "no vulnerabilities"
        msg = f"{where}: a CycloneDX {version} document with {found}: nothing is stated in it" + (
            f"; {problems.all()[0]}" if problems.all() else ""
        )
        raise InputError(msg)
    if bare:
        problems.add("vulnerabilities", f"{bare} have no analysis and state nothing")
    return VexDocument(
        serial, author, timestamp, f"CycloneDX {version}", tuple(statements), problems.all()
    )


def _says_unaffected(raw: Mapping[str, Any]) -> bool:
    return any(
        version.get("status") == "unaffected"
        for target in objects(raw.get("affects"))
        for version in objects(target.get("versions"))
    )


def _statements(
    raw: Mapping[str, Any], place: str, components: "_Components", problems: Problems
) -> Iterator[VexStatement]:
    references = (text(one.get("id")) for one in objects(raw.get("references")))
    names = tuple(dict.fromkeys(name for name in (text(raw.get("id")), *references) if name))
    if not names:
        problems.add(place, "has no id")
        return
    analysis = mapping(raw.get("analysis"))
    state = text(analysis.get("state"))
    if state and state not in CYCLONEDX_STATE:
        problems.add(f"{place}.analysis.state", f"{shown(state)} is none of CycloneDX's")
        return
    status = CYCLONEDX_STATE.get(state)
    grouped: dict[VexStatus, dict[VexProduct, None]] = {}
    for target in objects(raw.get("affects")):
        for own, product in _affected(target, components):
            if (
                decided := (
                    own
                    if own is not None and status in {None, VexStatus.AFFECTED}
                    else status or own
                )
            ) is not None:
                grouped.setdefault(decided, {})[product] = None
    if not grouped:
        problems.add(place, f"{names[0]} is stated of nothing that can be read")
    justification = CYCLONEDX_JUSTIFICATION.get(text(analysis.get("justification")))
    for decided, products in grouped.items():
        yield VexStatement(
            vulnerability=names[0],
            status=decided,
            products=tuple(products),
            aliases=names[1:],
            justification=justification if decided is VexStatus.NOT_AFFECTED else None,
            note=_note(state, decided, status, text(analysis.get("detail"))),
            action=_action(analysis, raw) if decided is not VexStatus.NOT_AFFECTED else "",
            timestamp=text(analysis.get("lastUpdated")) or text(analysis.get("firstIssued")),
        )


def _note(state: str, decided: VexStatus, stated: VexStatus | None, detail: str) -> str:
    head = (
        "false positive"
        if state == "false_positive"
        else ""
        if decided is stated
        else "by the status of the version"
    )
    return ": ".join(part for part in (head, detail) if part)


def _action(analysis: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    responses = (CYCLONEDX_RESPONSE.get(word, word) for word in texts(analysis.get("response")))
    return "; ".join(
        part
        for part in (*responses, text(raw.get("recommendation")), text(raw.get("workaround")))
        if part
    )


def _affected(
    target: Mapping[str, Any], components: "_Components"
) -> Iterator[tuple[VexStatus | None, VexProduct]]:
    """Yield the products of one `affects` entry, once for each version or range.

    Each has the version's status, or None for `affected`.
    """
    products = components.products(text(target.get("ref")))
    versions = list(objects(target.get("versions")))
    for product in products:
        if not versions:
            yield None, product
        for one in versions:
            own = _VERSION_STATUS.get(text(one.get("status")))
            if stated := text(one.get("range")):
                yield own, replace(product, versions=stated)
            elif stated := text(one.get("version")):
                yield own, _at_version(product, stated)


def _at_version(product: VexProduct, version: str) -> VexProduct:
    """Limit a product to one version, unless its purl or its component's states it."""
    name = product.subcomponents[0] if len(product.subcomponents) == 1 else product.id
    read = read_purl(name)
    if read is not None and read.version in {version, f"v{version}"}:
        return product
    scheme = read.type if read is not None and not read.version else "generic"
    return replace(product, versions=f"vers:{scheme}/{urllib.parse.quote(version, safe='.+-~_:')}")


@dataclass(frozen=True, slots=True)
class _Component:
    purl: str
    cpe: str
    name: str

    @property
    def identifiers(self) -> tuple[str, ...]:
        stated = tuple(name for name in (self.purl, self.cpe) if name)
        return stated or ((self.name,) if self.name else ())


class _Components:
    """Components by bom-ref, nested ones and the subject included."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._serial = text(document.get("serialNumber")).lower().removeprefix("urn:uuid:")
        self._by_ref: dict[str, _Component] = {}
        root = mapping(mapping(document.get("metadata")).get("component"))
        # References are not followed, so cycles cannot occur.
        waiting: list[Any] = [
            root,
            *items(document.get("components")),
            *items(document.get("services")),
        ]
        while waiting:
            raw = mapping(waiting.pop())
            one = _Component(
                text(raw.get("purl")),
                text(raw.get("cpe")),
                "@".join(
                    part for part in (text(raw.get("name")), text(raw.get("version"))) if part
                ),
            )
            for ref in (text(raw.get("bom-ref")), one.purl):
                if ref:
                    self._by_ref.setdefault(ref, one)
            waiting.extend(items(raw.get("components")))
        self._root = text(root.get("bom-ref")) or text(root.get("purl"))
        self._subject = text(root.get("purl"))

    def products(self, ref: str) -> tuple[VexProduct, ...]:
        """Return the products of a reference.

        These are a component of this document within its subject, a purl, or the reference itself
        if it leads to another document.
        """
        serial, fragment = _bom_link(ref)
        found = self._by_ref.get(ref) or (
            self._by_ref.get(fragment) if serial in {"", self._serial} else None
        )
        if found is not None and self._subject and self._root not in {fragment, ref}:
            return (VexProduct(self._subject, found.identifiers),) if found.identifiers else ()
        if found is not None:
            return tuple(VexProduct(name) for name in found.identifiers)
        return (VexProduct(fragment if fragment.startswith("pkg:") else ref),) if ref else ()


def _bom_link(ref: str) -> tuple[str, str]:
    """Split `urn:cdx:SERIAL/VERSION#REF` into serial and reference.

    Any other reference has the serial "".
    """
    if not ref.startswith("urn:cdx:"):
        return "", ref
    head, _, fragment = ref.removeprefix("urn:cdx:").partition("#")
    return head.partition("/")[0].lower(), (
        urllib.parse.unquote(fragment) if not fragment.startswith("pkg:") else fragment
    )
