"""CSAF's product tree: the purls and CPEs of product IDs, by relationship too.

The document is untrusted. It is walked without recursion, cycles end, and totals are limited.
"""

import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import InputError
from careen.evidence.vex.json_access import text, texts
from careen.formats.json_document import mapping, objects
from careen.model.findings.vex import VexProduct
from careen.model.packages.purls import read_purl

_Name = tuple[str, str]
"""An identifier, and the vers range that it is limited to ("" for none)."""

MAX_PRODUCTS = 500_000
"""Limit of products and of relationships of one tree. The largest documents have about 100,000."""

MAX_EXPANSION = 64
"""Limit of identifiers of a product, and of products at one step of a relationship chain.

Without it, a chain that doubles at each step would grow exponentially.
"""

MAX_CHAIN = 16
"""Limit of relationships from a component to the outermost product.

Real documents have two (package in module in product).
"""


class ProductTree:
    """Product IDs of one document, with their purls and CPEs, or else their names.

    Raises InputError for too many.
    """

    def __init__(self, tree: Mapping[str, Any], where: str) -> None:
        self._names: dict[str, tuple[_Name, ...]] = {}
        self._parts: dict[str, list[tuple[str, str]]] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        for count, (product, branch) in enumerate(_full_names(tree)):
            if count >= MAX_PRODUCTS:
                msg = (
                    f"{where}: product_tree: more than the {MAX_PRODUCTS} products that are read of"
                    " one document"
                )
                raise InputError(msg)
            self._add(product, branch)
        for number, relation in enumerate(objects(tree.get("relationships"))):
            if number >= MAX_PRODUCTS:
                msg = (
                    f"{where}: product_tree.relationships: more than the {MAX_PRODUCTS} that are"
                    " read of one document"
                )
                raise InputError(msg)
            whole = mapping(relation.get("full_product_name"))
            self._add(whole, {})
            component, within = (
                text(relation.get("product_reference")),
                text(relation.get("relates_to_product_reference")),
            )
            if component and within and text(whole.get("product_id")):
                self._parts.setdefault(text(whole.get("product_id")), []).append(
                    (component, within)
                )
        for group in objects(tree.get("product_groups")):
            self._groups[text(group.get("group_id"))] = texts(group.get("product_ids"))

    def _add(self, product: Mapping[str, Any], branch: Mapping[str, Any]) -> None:
        if identifier := text(product.get("product_id")):
            named = ((name, _versions(name, branch)) for name in _helpers(product))
            self._names[identifier] = tuple(
                dict.fromkeys((*self._names.get(identifier, ()), *named))
            )[:MAX_EXPANSION]

    def members(self, raw: Mapping[str, Any]) -> frozenset[str]:
        """Return the product IDs that an object lists in `product_ids` and through `group_ids`."""
        return frozenset(
            (
                *texts(raw.get("product_ids")),
                *(
                    product
                    for group in texts(raw.get("group_ids"))
                    for product in self._groups.get(group, ())
                ),
            )
        )

    def products(self, identifier: str) -> tuple[VexProduct, ...]:
        """Return the products of an ID, empty if the tree lacks it.

        If a relationship says so, they are a component within a product, each with all identifiers.
        The relationship's own purl is included.
        """
        related = self._parts.get(identifier)
        if not related:
            return tuple(
                VexProduct(name, versions=versions)
                for name, versions in self._names.get(identifier, ())
            )
        out: dict[VexProduct, None] = {
            VexProduct(name, versions=versions): None
            for name, versions in self._names.get(identifier, ())
            if name.startswith("pkg:")
        }
        for component, within in related[:MAX_EXPANSION]:
            by_range: dict[str, dict[str, None]] = {}
            for part, versions in self._leaves(component):
                by_range.setdefault(versions, {})[part] = None
            for versions, parts in by_range.items():
                out.update(
                    (VexProduct(name, tuple(parts), versions), None)
                    for name, _ in self._roots(within)
                )
            if len(out) > MAX_EXPANSION:
                break
        return tuple(out)[:MAX_EXPANSION]

    def _leaves(self, identifier: str) -> tuple[_Name, ...]:
        """Follow `product_reference` down to products without a relationship."""
        return self._follow(identifier, 0)

    def _roots(self, identifier: str) -> tuple[_Name, ...]:
        """Follow `relates_to_product_reference` up to the outermost product."""
        return self._follow(identifier, 1)

    def _follow(self, identifier: str, side: int) -> tuple[_Name, ...]:
        """Return the identifiers at the ends of the chains, level by level.

        A cycle or a chain that is too long has no end, and yields nothing.
        """
        level, seen, out = [identifier], {identifier}, dict[_Name, None]()
        for _ in range(MAX_CHAIN):
            further: list[str] = []
            for current in level:
                related = self._parts.get(current)
                if not related:
                    out.update((name, None) for name in self._names.get(current, ()))
                    continue
                further += [pair[side] for pair in related[:MAX_EXPANSION]]
            level = [name for name in dict.fromkeys(further) if name not in seen][:MAX_EXPANSION]
            seen.update(level)
            if not level:
                break
        return tuple(out)[:MAX_EXPANSION]


def _full_names(tree: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield every product with its branch, which may state its versions."""
    yield from ((product, {}) for product in objects(tree.get("full_product_names")))
    waiting = list(objects(tree.get("branches")))
    while waiting:
        branch = waiting.pop()
        if product := mapping(branch.get("product")):
            yield product, branch
        waiting.extend(objects(branch.get("branches")))


def _helpers(product: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the purls, CPE and hashes of a product, or else its name."""
    helper = mapping(product.get("product_identification_helper"))
    purls = (text(helper.get("purl")), *texts(helper.get("purls")))  # CSAF 2.0, 2.1
    hashes = (
        f"{text(one.get('algorithm')).lower()}:{text(one.get('value')).lower()}"
        for group in objects(helper.get("hashes"))
        for one in objects(group.get("file_hashes"))
        if text(one.get("algorithm")) and text(one.get("value"))
    )
    found = tuple(
        dict.fromkeys(name for name in (*purls, text(helper.get("cpe")), *hashes) if name)
    )
    name = text(product.get("name"))
    # The name tells the reader what the statement is about.
    return found or ((name,) if name else ())


def _versions(name: str, branch: Mapping[str, Any]) -> str:
    """Return the vers range to which a branch limits a purl without a version, or ""."""
    # A range in the publisher's own notation cannot be evaluated, and matches nothing.
    read = read_purl(name)
    stated = text(branch.get("name"))
    if read is None or read.version or not stated:
        return ""
    match branch.get("category"):
        case "product_version_range":
            return stated
        case "product_version":
            return f"vers:{read.type}/{urllib.parse.quote(stated, safe='.+-~_:')}"
        case _:
            return ""
