"""Matching of VEX statements to findings, by the rule of OpenVEX, Trivy and Grype."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from careen.formats.versions.vers import in_range
from careen.model.findings.finding import Finding
from careen.model.findings.vex import VexProduct, VexStatement
from careen.model.packages.package import Package
from careen.model.packages.purls import MAX_PURL, Purl, matches, read_purl

EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def moment(timestamp: str) -> dt.datetime:
    """Return the instant of an RFC 3339 time, in UTC if it names no zone.

    Returns EARLIEST for an invalid time.
    """
    try:
        read = dt.datetime.fromisoformat(timestamp)
    except ValueError:
        return EARLIEST
    try:
        return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    except OverflowError:
        return EARLIEST


def _names(statement: VexStatement) -> frozenset[str]:
    return frozenset(
        identifier.casefold() for identifier in (statement.vulnerability, *statement.aliases)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Purls by which a statement may name an installed package or its source package."""

    purls: tuple[Purl, ...]
    sources: tuple[Purl, ...]
    version: str

    @classmethod
    def of(cls, finding: Finding, package: Package | None) -> "_Found":
        texts = dict.fromkeys((finding.package, package.purl if package else ""))
        purls = tuple(purl for purl in (read_purl(text) for text in texts) if purl is not None)
        name, _, version = (package.source if package else "").partition("@")
        sources = tuple(replace(purl, name=name, version=version) for purl in purls[:1] if name)
        return cls(purls, sources, finding.version)

    def is_named_by(self, identifier: str) -> bool:
        """Return whether an identifier of a document names this package.

        The source package matches only with `arch=source` or `arch=src`.
        """
        stated = read_purl(identifier)
        if stated is None:
            return False
        if stated.qualifiers.get("arch") in {"source", "src"}:
            source = replace(
                stated,
                qualifiers={
                    key: value for key, value in stated.qualifiers.items() if key != "arch"
                },
            )
            return any(matches(source, form) for form in self.sources)
        return any(matches(stated, form) for form in self.purls)


def _covers(statement: VexStatement, found: _Found, subject: Collection[str]) -> bool:
    for product in statement.products:
        if product.subcomponents:
            named = any(found.is_named_by(part) for part in product.subcomponents)
            if (
                named
                and (_is_subject(product.id, subject) or found.is_named_by(product.id))
                and _in_range(product, found)
            ):
                return True
        elif found.is_named_by(product.id):
            if _in_range(product, found):
                return True
        elif not product.versions and _is_subject(product.id, subject):
            return True
    return False


def _is_subject(identifier: str, subject: Collection[str]) -> bool:
    if identifier in subject:
        return True
    if identifier.startswith("cpe:"):
        return any(_cpe_within(identifier, known) for known in subject if known.startswith("cpe:"))
    stated = read_purl(identifier)
    return stated is not None and any(
        matches(stated, known)
        for known in (read_purl(text) for text in subject)
        if known is not None
    )


def _cpe_within(stated: str, found: str) -> bool:
    """Return whether the CPE name `stated` covers `found`, component by component.

    Both bindings are accepted (`cpe:/o:redhat:enterprise_linux:9::baseos`, `cpe:2.3:o:…`). An empty
    component or `*` matches any.
    """
    left, right = (_cpe_parts(name) for name in (stated, found))
    return (
        bool(left)
        and len(left) <= len(right)
        and all(mine in {"", "*", theirs} for mine, theirs in zip(left, right, strict=False))
    )


def _cpe_parts(name: str) -> list[str]:
    body = name.removeprefix("cpe:2.3:").removeprefix("cpe:/").lower()
    parts = body[:MAX_PURL].split(":")
    while parts and parts[-1] in {"", "*"}:
        parts.pop()
    return parts


def _in_range(product: VexProduct, found: _Found) -> bool:
    """Return whether the installed version is in the product's vers range.

    An unreadable range matches nothing.
    """
    if not product.versions:
        return True
    if len(product.versions) > MAX_PURL or len(found.version) > MAX_PURL:
        return False
    return in_range(product.versions, found.version)


def resolve(statements: Iterable[VexStatement]) -> tuple[VexStatement, ...]:
    """Return the statements in force, oldest first.

    A later statement replaces an earlier one about the same vulnerability and product; the earlier
    keeps its other products. Times are compared as instants; of equal ones the later in the input
    wins. Linear in the number of products.
    """
    ordered = sorted(statements, key=lambda statement: moment(statement.timestamp))
    said: set[tuple[str, VexProduct]] = set()
    kept: list[VexStatement] = []
    for statement in reversed(ordered):
        names = _names(statement)
        products = tuple(
            product
            for product in statement.products
            if not any((name, product) in said for name in names)
        )
        said.update((name, product) for name in names for product in products)
        if products:
            kept.append(
                statement
                if len(products) == len(statement.products)
                else replace(statement, products=products)
            )
    return tuple(reversed(kept))


class VexIndex:
    """Statements indexed by vulnerability."""

    def __init__(self, statements: Iterable[VexStatement]) -> None:
        self._by_name: dict[str, list[tuple[int, VexStatement]]] = {}
        for number, statement in enumerate(resolve(statements)):
            for name in _names(statement):
                self._by_name.setdefault(name, []).append((number, statement))

    def deciding(
        self, finding: Finding, package: Package | None, subject: Collection[str]
    ) -> VexStatement | None:
        """Return the latest statement about a finding, or None.

        `subject` identifies the image (purls, digests, references, CPEs). A statement applies if it
        shares an identifier with the finding and one product fits. The product is the package
        itself, or the image, with the package among its subcomponents or with none listed.
        `package` adds the source package for statements about `arch=source`.
        """
        numbered = {
            number: statement
            for name in finding.identifiers
            for number, statement in self._by_name.get(name.casefold(), ())
        }
        found = _Found.of(finding, package)
        for number in sorted(numbered, reverse=True):
            if _covers(numbered[number], found, subject):
                return numbered[number]
        return None
