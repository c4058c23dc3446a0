"""Red Hat's CSAF VEX documents: one per CVE, with every product's status.

Source: security.access.redhat.com/data/csaf/v2/vex. Only packages of Enterprise Linux and its
extended streams count, under the end of the product's CPE as in OSV (`Red
Hat:enterprise_linux:9::baseos`). Layered products and container images have their own feeds. "Not
affected" counts for a component of a release, not for a package shipped along with a fix: the
latter does not cover other versions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

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
from careen.advisories.feeds.json_lines import whole_json
from careen.advisories.feeds.port import Document, Head, Item, NotAboutPackages, Record, Refused
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CvssScore,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)

FEED = "redhat-vex"
_DEEPEST = 16  # branches within branches; Red Hat's have 4
_MOST_NESTED = 4  # a package in a module in a platform is 2
_PURL = re.compile(r"pkg:rpm/redhat/([^@?#]+)(?:@([^?#]+))?(?:\?([^#]*))?", re.ASCII)
_MODULE = re.compile(r"pkg:rpmmod/redhat/([^@?#]+)@([^:?#]+)", re.ASCII)
_DEBUG = ("-debuginfo", "-debugsource")  # symbols and sources, which never run
_EPOCH = re.compile(r"-(\d+):", re.ASCII)
_PRODUCT = re.compile(r"cpe:/[oa]:redhat:((?:enterprise_linux|rhel_\w+):.+)", re.ASCII)
_BEFORE_ALL = Event(EventKind.INTRODUCED, "0")
_REMEDIES = {
    "will not fix": VendorStatus.WONT_FIX,
    "out of support scope": VendorStatus.END_OF_LIFE,
    "fix deferred": VendorStatus.DEFERRED,
    "under investigation": VendorStatus.UNDETERMINED,
    "affected": VendorStatus.AFFECTED,
}
_STATUSES = {
    "known_affected": VendorStatus.AFFECTED,
    "under_investigation": VendorStatus.UNDETERMINED,
    "known_not_affected": VendorStatus.NOT_AFFECTED,
    "fixed": VendorStatus.FIXED,
}


class RedHatVex:
    """Reader of one document."""

    single = True

    def recognises(self, head: Head) -> bool:
        """Return whether it is a CSAF VEX document published by Red Hat."""
        document = head.value.get("document") if isinstance(head.value, dict) else None
        publisher = document.get("publisher") if isinstance(document, dict) else None
        return (
            isinstance(document, dict)
            and document.get("category") == "csaf_vex"
            and isinstance(publisher, dict)
            and publisher.get("namespace") == "https://www.redhat.com"
        )

    def read(self, document: Document) -> Iterator[Item]:
        """Yield one record for each vulnerability, usually one."""
        whole = whole_json(document)
        try:
            csaf = mapping(whole, "document")
            about = mapping(csaf.get("document"), "document")
            products = _Products(mapping(csaf.get("product_tree"), "product_tree"))
            records = [
                _advisory(entry, about, products)
                for _, entry in mappings(csaf.get("vulnerabilities"), "vulnerabilities")
            ]
        except WrongField as error:
            yield Refused(FEED, document.name, str(error))
            return
        for advisory in records:
            yield (
                Record((advisory,))
                if advisory.affected
                else NotAboutPackages("about products other than Enterprise Linux")
            )


@dataclass(frozen=True, slots=True)
class _Component:
    """A package, or a module that contains packages."""

    name: str
    version: str = ""
    architecture: str = ""
    module: str = ""


class _Products:
    """The product tree: platforms and components by product identifier."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._platforms: dict[str, str] = {}
        self._components: dict[str, _Component] = {}
        self._relations: dict[str, tuple[str, str]] = {}
        self._branches(tree)
        for path, relation in mappings(tree.get("relationships"), "relationships"):
            made = text(mapping(relation.get("full_product_name"), path).get("product_id"), path)
            part, whole = (
                text(relation.get(key), f"{path}.{key}")
                for key in ("product_reference", "relates_to_product_reference")
            )
            self._relations[made] = (part, whole)

    def _branches(self, tree: Mapping[str, Any]) -> None:
        level = [tree]
        for _ in range(_DEEPEST):
            below: list[Mapping[str, Any]] = []
            for branch in level:
                if product := mapping(branch.get("product"), "branches.product"):
                    self._product(product)
                below.extend(child for _, child in mappings(branch.get("branches"), "branches"))
            level = below
        if level:
            raise wrong("product_tree.branches", f"at most {_DEEPEST} levels", "more")

    def _product(self, product: Mapping[str, Any]) -> None:
        identifier = text(product.get("product_id"), "product_id")
        help_of = mapping(
            product.get("product_identification_helper"), "product_identification_helper"
        )
        cpe, purl = text(help_of.get("cpe"), "cpe"), text(help_of.get("purl"), "purl")
        if cpe:
            self._platforms[identifier] = cpe
        elif found := _PURL.match(purl):
            self._components[identifier] = _component(identifier, found)
        elif found := _MODULE.match(purl):
            self._components[identifier] = _Component(
                "", module=f"{unquote(found[1])}:{unquote(found[2])}"
            )

    def resolve(self, identifier: str) -> tuple[str, _Component] | None:
        """Return a product's OSV ecosystem and package, or None if not Enterprise Linux."""
        component, module = None, ""
        for _ in range(_MOST_NESTED):
            if identifier in self._platforms or identifier not in self._relations:
                break
            part, identifier = self._relations[identifier]
            found = self._components.get(part)
            if found is not None and found.name:
                component = component or found
            elif found is not None:
                module = module or found.module
        product = _PRODUCT.fullmatch(self._platforms.get(identifier, ""))
        if component is None or product is None:
            return None
        return f"Red Hat:{product[1]}", _Component(
            component.name, component.version, component.architecture, component.module or module
        )


def _component(identifier: str, purl: re.Match[str]) -> _Component:
    qualifiers = dict(pair.partition("=")[::2] for pair in unquote(purl[3] or "").split("&"))
    version = unquote(purl[2] or "")
    epoch = qualifiers.get("epoch", "")
    if version and not epoch and (found := _EPOCH.search(identifier)):
        epoch = found[1]
    module = ":".join(qualifiers.get("rpmmod", "").split(":")[:2])
    return _Component(
        unquote(purl[1]),
        f"{epoch}:{version}" if epoch.strip("0") else version,
        qualifiers.get("arch", ""),
        module if ":" in module else "",
    )


def _advisory(entry: Mapping[str, Any], about: Mapping[str, Any], products: _Products) -> Advisory:
    tracking = mapping(about.get("tracking"), "document.tracking")
    identifier = text(entry.get("cve"), "cve") or text(tracking.get("id"), "document.tracking.id")
    if not identifier:
        raise wrong("cve", "a CVE", entry.get("cve"))
    aggregate = mapping(about.get("aggregate_severity"), "document.aggregate_severity")
    references = (
        text(item.get("url"), f"{path}.url")
        for path, item in mappings(entry.get("references"), "references")
    )
    return Advisory(
        identifier,
        FEED,
        tuple(_affected(entry, products)),
        summary=shortened(
            text(entry.get("title"), "title") or text(about.get("title"), "document.title"), 300
        ),
        published=text(entry.get("release_date"), "release_date"),
        modified=text(
            tracking.get("current_release_date"), "document.tracking.current_release_date"
        ),
        scores=tuple(_scores(entry)),
        severity=text(aggregate.get("text"), "document.aggregate_severity.text").lower(),
        references=tuple(url for url in references if url)[:4],
    )


def _affected(entry: Mapping[str, Any], products: _Products) -> Iterator[AffectedPackage]:
    """Yield one entry for each package, version and repository.

    Its architectures are those of the named builds.
    """
    remedies = dict(_remedies(entry))
    grouped: dict[tuple[str, str, str, str, VendorStatus, str], set[str]] = {}
    for word, identifiers in mapping(entry.get("product_status"), "product_status").items():
        status = _STATUSES.get(word)
        if status is None:
            continue  # first_fixed and recommended accompany one of those
        for identifier in texts(identifiers, f"product_status.{word}"):
            found = products.resolve(identifier)
            if found is None:
                continue
            ecosystem, part = found
            if part.name.endswith(_DEBUG):
                continue
            if (status is VendorStatus.FIXED) != bool(part.version) and status in (
                VendorStatus.FIXED,
                VendorStatus.NOT_AFFECTED,
            ):
                continue
            said, note = (
                remedies.get(identifier, (status, ""))
                if status is VendorStatus.AFFECTED
                else (status, "")
            )
            version = part.version if status is VendorStatus.FIXED else ""
            grouped.setdefault((ecosystem, part.name, version, part.module, said, note), set()).add(
                part.architecture
            )
    for (ecosystem, name, version, module, status, note), architectures in grouped.items():
        binary = tuple(sorted(architectures - {"src", "noarch", ""}))
        limited = binary if version and not architectures & {"noarch", ""} else ()
        ranges = (
            ()
            if status is VendorStatus.NOT_AFFECTED
            else (
                AffectedRange(
                    RangeKind.ECOSYSTEM,
                    (_BEFORE_ALL, *((Event(EventKind.FIXED, version),) if version else ())),
                ),
            )
        )
        yield AffectedPackage(
            ecosystem, name, ranges, status=status, note=note, module=module, architectures=limited
        )


def _remedies(entry: Mapping[str, Any]) -> Iterator[tuple[str, tuple[VendorStatus, str]]]:
    for path, item in mappings(entry.get("remediations"), "remediations"):
        if item.get("category") in ("none_available", "no_fix_planned"):
            words = text(item.get("details"), f"{path}.details")
            status = _REMEDIES.get(
                words.strip().lower(),
                VendorStatus.WONT_FIX
                if item["category"] == "no_fix_planned"
                else VendorStatus.AFFECTED,
            )
            for identifier in texts(item.get("product_ids"), f"{path}.product_ids"):
                yield identifier, (status, words[:200])


def _scores(entry: Mapping[str, Any]) -> Iterator[CvssScore]:
    seen: set[str] = set()
    for key in ("cvss_v4", "cvss_v3", "cvss_v2"):
        for path, item in mappings(entry.get("scores"), "scores"):
            vector = text(
                mapping(item.get(key), f"{path}.{key}").get("vectorString"),
                f"{path}.{key}.vectorString",
            )
            if vector and vector not in seen and (score := score_of(vector, "redhat")) is not None:
                seen.add(vector)
                yield score
