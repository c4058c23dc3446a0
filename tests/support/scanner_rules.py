"""How Trivy and Grype match OpenVEX, written from their documents and behaviour and independent of
careen's own rule, to judge careen's documents by.

Both rest on OpenVEX's reference library: a product matches an identifier when its `@id`, one of its
`identifiers` or one of its hashes is equal, or when it is a purl that the identifier refines (same
type, namespace and name; version and qualifiers where the statement has them). A product's
subcomponents limit it only when the scanner asks about a package.
"""

import json
import urllib.parse
from typing import Any

Purl = tuple[str, str, str, str, dict[str, str]]


def split(purl: str) -> Purl | None:
    if not purl.startswith("pkg:"):
        return None
    body, _, query = purl[4:].partition("?")
    kind, _, rest = body.partition("/")
    path, at, version = rest.rpartition("@")
    if not at or "/" in version:
        path, version = rest, ""
    namespace, _, name = path.rpartition("/")
    unquote = urllib.parse.unquote
    qualifiers = dict(part.split("=", 1) for part in query.split("&") if part)
    return (
        kind.lower(),
        unquote(namespace).lower(),
        unquote(name),
        unquote(version),
        {key: unquote(value) for key, value in qualifiers.items()},
    )


def refines(stated: str, found: str) -> bool:
    one, two = split(stated), split(found)
    if one is None or two is None or one[:3] != two[:3]:
        return False
    if one[3] and one[3] != two[3]:
        return False
    return all(two[4].get(key) == value for key, value in one[4].items())


def component_matches(component: dict[str, Any], identifier: str) -> bool:
    names = [component.get("@id", ""), *component.get("identifiers", {}).values()]
    if any(name and (name == identifier or refines(name, identifier)) for name in names):
        return True
    return identifier in component.get("hashes", {}).values()


def product_matches(product: dict[str, Any], identifier: str, part: str) -> bool:
    if not component_matches(product, identifier):
        return False
    parts = product.get("subcomponents", [])
    return not parts or not part or any(component_matches(one, part) for one in parts)


def matching(
    document: dict[str, Any], vulnerability: str, identifier: str, part: str
) -> list[dict[str, Any]]:
    def named(statement: dict[str, Any]) -> bool:
        stated = statement["vulnerability"]
        return vulnerability in (stated["name"], *stated.get("aliases", ()))

    found = [
        one
        for one in document["statements"]
        if named(one)
        and any(product_matches(product, identifier, part) for product in one["products"])
    ]
    return sorted(found, key=lambda one: str(one.get("timestamp", document["timestamp"])))


def trivy_suppresses(data: bytes, vulnerability: str, package: str, image: str | None) -> bool:
    """Trivy asks the package alone, then every component up to the image, whose purl exists where a
    registry digest is known; the latest statement decides.
    """
    document = json.loads(data)
    for identifier, part in ((package, ""), (package, package), (image, package)):
        found = matching(document, vulnerability, identifier, part) if identifier else []
        if found and found[-1]["status"] in {"not_affected", "fixed"}:
            return True
    return False


def grype_suppresses(data: bytes, vulnerability: str, package: str, image: list[str]) -> bool:
    """Grype asks the image's identifiers in turn, then the package; the first statement that is
    found decides.
    """
    document = json.loads(data)
    for identifier, part in (*((one, package) for one in image), (package, "")):
        found = matching(document, vulnerability, identifier, part)
        if found:
            return found[0]["status"] in {"not_affected", "fixed"}
    return False


def trivy_image(repository: str, digest: str, architecture: str) -> str:
    return f"pkg:oci/{repository.rpartition('/')[2]}@{urllib.parse.quote(digest)}?arch={architecture}&repository_url={urllib.parse.quote(repository, safe='')}"


def grype_image(repository: str, digest: str = "", tag: str = "") -> list[str]:
    out = []
    name = repository.rpartition("/")[2]
    if tag:
        out += [
            f"{repository}:{tag}",
            f"pkg:oci/{urllib.parse.quote(repository, safe='')}?tag={tag}",
        ]
    if digest:
        parent = repository.rpartition("/")[0]
        out += [
            f"{repository}@{digest}",
            f"pkg:oci/{name}@{digest}?repository_url={urllib.parse.quote(parent, safe='')}",
            digest.removeprefix("sha256:"),
        ]
    return out
