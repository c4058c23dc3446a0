"""Reader of CSAF 2.0 and 2.1 (docs.oasis-open.org/csaf).

Product status, flags, impacts and remediations are joined per product.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.csaf_products import ProductTree
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.json_access import Problems, text, texts
from careen.evidence.vex.terms import CSAF_FLAG, CSAF_STATUS
from careen.formats.json_document import mapping, objects, shown
from careen.model.findings.vex import Justification, VexProduct, VexStatement, VexStatus

# What a truncation omits may contradict what was read.
MAX_STATEMENTS = 500_000
"""Limit of products with a status in one document. Larger documents are refused, not truncated."""


def is_csaf(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is a CSAF document."""
    # `tracking` alone is enough, so that `read_csaf` can report the missing version.
    head = mapping(document.get("document"))
    return "csaf_version" in head or "tracking" in head


def read_csaf(document: Mapping[str, Any], where: str) -> VexDocument:
    """Read a document.

    Raises InputError if it is withdrawn, of another version, too large, or states nothing of any
    product.
    """
    head = mapping(document.get("document"))
    tracking, publisher = mapping(head.get("tracking")), mapping(head.get("publisher"))
    identifier = text(tracking.get("id"))
    if tracking.get("status") == "deleted":
        msg = f"{where}: the publisher has withdrawn {identifier!r} (tracking.status is 'deleted')"
        raise InputError(msg)
    version = text(head.get("csaf_version"))
    if version not in {"2.0", "2.1"}:
        msg = (
            f"{where}: document.csaf_version: expected '2.0' or '2.1', got"
            f" {shown(head.get('csaf_version'))}"
        )
        raise InputError(msg)
    problems = Problems()
    tree = ProductTree(mapping(document.get("product_tree")), where)
    timestamp, author = text(tracking.get("current_release_date")), text(publisher.get("name"))
    statements: list[VexStatement] = []
    total = 0
    for number, raw in enumerate(objects(document.get("vulnerabilities"))):
        place = f"vulnerabilities[{number}]"
        total += sum(
            len(texts(mapping(raw.get("product_status")).get(word))) for word in CSAF_STATUS
        )
        if total > MAX_STATEMENTS:
            msg = (
                f"{where}: {place}: more than the {MAX_STATEMENTS} products with a status that are"
                " read of one document"
            )
            raise InputError(msg)
        statements += _Vulnerability(raw, tree, place, problems).statements(
            author, identifier, timestamp
        )
    if not statements:
        msg = (
            f"{where}: a CSAF document ({shown(text(head.get('category')))}) that states nothing"
            " about a product" + _first(problems)
        )
        raise InputError(msg)
    return VexDocument(
        identifier, author, timestamp, f"CSAF {version}", tuple(statements), problems.all()
    )


def _first(problems: Problems) -> str:
    told = problems.all()
    return f"; {told[0]}" if told else ""


class _Vulnerability:
    """One vulnerability, with its flags, threats and remediations by product ID."""

    def __init__(
        self, raw: Mapping[str, Any], tree: ProductTree, place: str, problems: Problems
    ) -> None:
        self._raw, self._tree, self._place, self._problems = raw, tree, place, problems
        self._notes = _Said(self._impacts(), tree)
        self._actions = _Said(self._remedies(), tree)
        self._flags = _Said(
            ((flag, text(flag.get("label"))) for flag in objects(raw.get("flags"))), tree
        )

    def _impacts(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        for threat in objects(self._raw.get("threats")):
            if threat.get("category") == "impact":
                yield threat, text(threat.get("details"))

    def _remedies(self) -> Iterator[tuple[Mapping[str, Any], str]]:
        for remedy in objects(self._raw.get("remediations")):
            words = " ".join(
                part for part in (text(remedy.get("details")), text(remedy.get("url"))) if part
            )
            if words:
                yield (
                    remedy,
                    f"{text(remedy.get('category')).replace('_', ' ')}: {words}".removeprefix(": "),
                )

    def statements(self, author: str, document: str, timestamp: str) -> Iterator[VexStatement]:
        """Yield one statement for all products with equal content, in the document's order."""
        names = (
            text(self._raw.get("cve")),
            *(text(one.get("text")) for one in objects(self._raw.get("ids"))),
        )
        identifiers = tuple(dict.fromkeys(name for name in names if name))
        if not identifiers:
            self._problems.add(self._place, "has neither a CVE nor another identifier")
            return
        for key, products in self._grouped().items():
            status, flag, note, action = key
            yield VexStatement(
                identifiers[0],
                status,
                tuple(products),
                identifiers[1:],
                flag,
                note,
                action,
                author,
                document,
                timestamp,
            )

    def _grouped(
        self,
    ) -> Mapping[tuple[VexStatus, Justification | None, str, str], dict[VexProduct, None]]:
        out: dict[tuple[VexStatus, Justification | None, str, str], dict[VexProduct, None]] = (
            defaultdict(dict)
        )
        for word, listed in mapping(self._raw.get("product_status")).items():
            status = CSAF_STATUS.get(word)
            if status is None:
                if word != "recommended":
                    self._problems.add(
                        f"{self._place}.product_status", f"{shown(word)} is no status of CSAF"
                    )
                continue
            for identifier in texts(listed):
                products = self._tree.products(identifier)
                if not products:
                    self._problems.add(
                        f"{self._place}.product_status.{word}",
                        f"{shown(identifier)} is not in the product tree",
                    )
                    continue
                flag = self._flag(identifier) if status is VexStatus.NOT_AFFECTED else None
                action = (
                    self._actions.of(identifier)
                    if status
                    in {
                        VexStatus.AFFECTED,
                        VexStatus.UNDER_INVESTIGATION,
                        VexStatus.FIXED,
                    }
                    else ""
                )
                out[status, flag, self._notes.of(identifier), action].update(
                    dict.fromkeys(products)
                )
        return out

    def _flag(self, identifier: str) -> Justification | None:
        return next(
            (CSAF_FLAG[word] for word in self._flags.each(identifier) if word in CSAF_FLAG), None
        )


class _Said:
    """Texts by product ID; a text without products applies to all."""

    def __init__(self, said: Iterator[tuple[Mapping[str, Any], str]], tree: ProductTree) -> None:
        self._words: dict[str, dict[str, None]] = defaultdict(dict)
        self._general: dict[str, None] = {}
        for raw, words in said:
            if not words:
                continue
            if not raw.get("product_ids") and not raw.get("group_ids"):
                self._general[words] = None
            for identifier in tree.members(raw):
                self._words[identifier][words] = None

    def each(self, identifier: str) -> tuple[str, ...]:
        return (*self._words.get(identifier, ()), *self._general)

    def of(self, identifier: str) -> str:
        return text("; ".join(self.each(identifier)[:8]))
