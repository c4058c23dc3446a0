"""Explain what a plan does to a package."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.formats.json_document import parse
from careen.model.packages.package import Ecosystem, Package
from careen.model.packages.package_explanation import KnownFinding, PackagesExplained
from careen.patch.globs import is_package, parse_glob
from careen.pipeline.run.session import Session
from careen.pipeline.why.evidence import Evidence, PlanEvidence, held
from careen.plan.explain_package import explain_package
from careen.tools.read_file import read_file

FINDINGS = "findings.json"
MAX_FINDINGS = 1 << 29
_NEAR = 3


def names_package(text: str) -> bool:
    """Return whether a text can only name a package, not a path.

    Packages are a bare word, `KIND:NAME`, a purl, or a scoped npm name. A path has a slash.
    """
    kind, colon, _ = text.partition(":")
    kinds = {ecosystem.value for ecosystem in Ecosystem}
    return "/" not in text or text.startswith(("pkg:", "@")) or (bool(colon) and kind in kinds)


def why_package(
    image: str, asked: str, candidates: Sequence[Evidence], session: Session
) -> PackagesExplained:
    """Explain the packages that `asked` names: by name, `KIND:NAME`, purl, or source package.

    A glob may name several. Raises InputError if no package matches, and as `why` does.
    """
    with held(image, candidates, session) as found:
        return packages_named(asked, found)


def packages_named(asked: str, found: PlanEvidence) -> PackagesExplained:
    """Explain the packages that `asked` names. Raises InputError."""
    glob = parse_glob(asked)
    packages = list(found.inventory.packages.values())
    named = [each for each in packages if is_package(glob, replace(each, source=""))]
    named = named or [each for each in packages if is_package(glob, each)]  # a source package
    if not named:
        raise InputError(_unknown(asked, packages))
    known = _findings(found.report)
    explained = (
        explain_package(found.plan, found.rootfs, each.purl, each.files)
        for each in sorted(named, key=lambda each: each.purl)
    )
    return PackagesExplained(
        asked,
        tuple(
            replace(each, findings=None if known is None else known.get(each.purl, ()))
            for each in explained
        ),
    )


def _unknown(asked: str, packages: Sequence[Package]) -> str:
    names = sorted({package.name for package in packages})
    word = asked.rpartition(":")[2]
    within = [name for name in names if word in name] if len(word) > 1 else []
    near = within[:_NEAR] or difflib.get_close_matches(word, names[:20_000], n=_NEAR)
    hint = f"; close to it: {', '.join(near)}" if near else ""
    return (
        f"no package of the image is named {asked[:200]!r}{hint}; type /{asked[:200]} for a path,"
        " CVE-… or GHSA-… for a vulnerability"
    )


def _findings(report: Path) -> Mapping[str, tuple[KnownFinding, ...]] | None:
    """Return the report's findings of each package of the original by purl, or None."""
    try:
        document = parse(
            read_file(report / FINDINGS, MAX_FINDINGS), FINDINGS, ConfigError, limit=MAX_FINDINGS
        )
    except (ConfigError, InputError):
        return None
    out: dict[str, list[KnownFinding]] = {}
    for purl, finding in _each(document):
        out.setdefault(purl, []).append(finding)
    return {purl: tuple(found) for purl, found in out.items()}


def _each(document: Any) -> Iterator[tuple[str, KnownFinding]]:
    items = document.get("findings") if isinstance(document, dict) else None
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        fixed = item.get("fixed")
        first = str(fixed[0]) if isinstance(fixed, list) and fixed else ""
        yield (
            str(item.get("package")),
            KnownFinding(
                str(item.get("id")), str(item.get("severity")), str(item.get("tier")), first
            ),
        )
