"""The documents of a report that statements are made of, and the statements that they support."""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import ConfigError
from careen.evidence.attest.base_predicates import (
    CONTRACT,
    CONTRACT_FILE,
    BaseDocuments,
    base_predicates,
    contract_result,
)
from careen.evidence.attest.compliance import FILE as COMPLIANCE
from careen.evidence.attest.compliance import assessments_of
from careen.evidence.attest.predicates import TEST_RESULT, RunDocuments, predicates
from careen.evidence.directory.layout import MANIFEST
from careen.evidence.directory.manifest import FileRecord, Manifest
from careen.pipeline.run import report_documents as names
from careen.pipeline.run.report_documents import ReportDocuments
from careen.report.documents.fips import FILE as FIPS


def run_documents(read: ReportDocuments, manifest: Manifest | None = None) -> RunDocuments:
    """Return the documents of a report that statements are made of.

    `manifest` is the one that will be written; None for the one that is there. Raises ConfigError
    for a damaged document.
    """
    if manifest is None:
        manifest = read.manifest()
        read.note(MANIFEST)
    else:
        read.records[MANIFEST] = FileRecord.of(MANIFEST, manifest.written())
    # The result may have got more places since.
    summary = {**read.document(names.SUMMARY), "promoted": list(manifest.promoted)}
    verify, rbom = map(read.document, (names.VERIFY, names.RBOM))
    sbom, spdx, vex, findings, contract = map(
        read.optional, (names.SBOM, names.SPDX, names.VEX, names.FINDINGS, names.CONTRACT)
    )
    compliance = assessments_of_result(read, summary)
    return RunDocuments(
        *(manifest, summary, verify, rbom, read.digests, sbom, spdx, vex, findings),
        compliance=compliance,
        contract=contract,
    )


def base_documents(read: ReportDocuments, manifest: Manifest | None = None) -> BaseDocuments:
    """Return the documents of a base's report; `manifest` and errors are as in `run_documents`."""
    if manifest is None:
        manifest = read.manifest()
        read.note(MANIFEST)
    else:
        read.records[MANIFEST] = FileRecord.of(MANIFEST, manifest.written())
    provenance = read.document(names.PROVENANCE)
    sbom, spdx, vex, findings, contract = map(
        read.optional, (names.SBOM, names.SPDX, names.VEX, names.SCAN, names.CONTRACT)
    )
    return BaseDocuments(manifest, provenance, read.digests, sbom, spdx, vex, findings, contract)


def assessments_of_result(
    read: ReportDocuments, summary: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...]:
    """Return what `careen comply` found of the result; assessments of other images do not count.

    Raises ConfigError for a document of another shape.
    """
    document = read.optional(COMPLIANCE)
    try:
        return assessments_of(document, result_digests(summary, COMPLIANCE))
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"{COMPLIANCE} is not as careen writes it: {error!r}"
        raise ConfigError(msg) from error


def fips_of_result(read: ReportDocuments, summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return FIPS mode of the result as `careen harden --fips` found it, None without it.

    Raises ConfigError for a document of another shape.
    """
    document = read.optional(FIPS)
    known = document is not None and document.get("digest") in result_digests(summary, FIPS)
    return document if known else None


def supported(
    run: RunDocuments | BaseDocuments, where: str
) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return predicate type and predicate of each statement by its name.

    Raises ConfigError that names `where` for a document of another shape.
    """
    try:
        found = base_predicates(run) if isinstance(run, BaseDocuments) else _run_predicates(run)
        return {name: (kind, predicate) for name, kind, predicate in found}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"a document in {where!r} is not as careen writes it: {error!r}"
        raise ConfigError(msg) from error


def _run_predicates(run: RunDocuments) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    yield from predicates(run)
    if run.contract is not None:
        digest = run.digests[CONTRACT_FILE]
        yield CONTRACT, TEST_RESULT, contract_result(run.contract, digest)


def digests_of(run: RunDocuments | BaseDocuments, where: str) -> set[str]:
    """Return the digests that the result has: its own, and those that it was pushed by.

    Raises ConfigError as `result_digests`.
    """
    if isinstance(run, RunDocuments):
        return result_digests(run.summary, where)
    pushed = (place.rpartition("@") for place in run.manifest.promoted)
    return {run.manifest.result.digest, *(digest for _, mark, digest in pushed if mark)}


def result_digests(summary: Mapping[str, Any], where: str) -> set[str]:
    """Return the digests that the result has: its own, and those that it was pushed by.

    Raises ConfigError that names `where` for a summary of another shape.
    """
    try:
        pushed = (place.rpartition("@") for place in summary["promoted"])
        return {summary["hardened"]["digest"], *(digest for _, mark, digest in pushed if mark)}
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"a document in {where!r} is not as careen writes it: {error!r}"
        raise ConfigError(msg) from error
