"""CSAF 2.0 and 2.1 in: product status, flags, impacts and remediations, put together per product
(docs.oasis-open.org/csaf).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.csaf_products import ProductTree
from careen.evidence.vex.document import VexDocument
from careen.evidence.vex.json_access import Problems, shown, text, texts
from careen.evidence.vex.terms import CSAF_FLAG, CSAF_STATUS
from careen.formats.json_document import mapping, objects
from careen.model.vex import Justification, VexProduct, VexStatement, VexStatus

MAX_STATEMENTS = 500_000
"""Products with a status, all vulnerabilities of a document together. More are refused, not cut
off: what is left out may contradict what was read.
"""


def is_csaf(document: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a CSAF document: it has `document.csaf_version`, or at least
    CSAF's `document.tracking`.
    """
    head = mapping(document.get("document"))
    return "csaf_version" in head or "tracking" in head


def read_csaf(document: Mapping[str, Any], where: str) -> VexDocument:
    """Read a document. Raises InputError for a withdrawn one, another version, and one that states
    nothing of any product.
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
    """One vulnerability: what is said of each product ID in flags, threats and remediations is
    looked up per product.
    """

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
        """Yield one statement for all products that the same is said of, in the order of the
        document.
        """
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
    """Words by product ID; what names no product is said of all."""

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
