"""The statements that the report of a base supports: it was built, not hardened, so no test of a
workload and no RBOM are among them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.evidence.attest.predicates import (
    MANIFEST,
    PROVENANCE,
    TEST_RESULT,
    Document,
    contents,
)
from careen.evidence.directory.manifest import Manifest

CONTRACT = "contract"
CONTRACT_FILE = "contract.json"
_LISTS = {"same": "passedTests", "differs": "passedTests", "broken": "failedTests"}


@dataclass(frozen=True, slots=True)
class BaseDocuments:
    """The documents of a base's report, and the SHA-256 (hex) of each by its file's name.

    What the build did not write is None.
    """

    manifest: Manifest
    provenance: Document
    digests: Mapping[str, str]
    sbom: Document | None = None
    spdx: Document | None = None
    vex: Document | None = None
    findings: Document | None = None
    contract: Document | None = None


def base_predicates(base: BaseDocuments) -> Iterator[tuple[str, str, Document]]:
    """Yield (name, predicate type, predicate) of each statement that the report supports."""
    yield "manifest", MANIFEST, base.manifest.object()
    yield "provenance", PROVENANCE, base.provenance
    yield from contents(base.manifest.careen, base.sbom, base.spdx, base.vex, base.findings)
    if base.contract is not None:
        yield CONTRACT, TEST_RESULT, contract_result(base.contract, base.digests[CONTRACT_FILE])


def contract_result(contract: Document, sha256: str) -> Document:
    """Return the drop-in contract as a test result; what could not be compared is a warning.

    A row that differs for a reason has passed, and its text has the reason.
    """
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for row in contract["rows"]:
        kept = row["kept"]
        told = f"{row['item']}: {row['what']}"
        if kept != "same":
            told += f" ({kept}: {row['reason']})"
        lists[_LISTS.get(kept, "warnedTests")].append(told)
    word = "FAILED" if lists["failedTests"] else "WARNED" if lists["warnedTests"] else "PASSED"
    stated: dict[str, Any] = {"upstream": contract["upstream"], "variant": contract["variant"]}
    return {
        "result": word,
        "configuration": [
            {"name": CONTRACT_FILE, "digest": {"sha256": sha256}, "annotations": stated}
        ],
        **lists,
    }
