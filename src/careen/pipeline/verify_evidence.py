"""Check the attestations of a report: signatures, subject, that they say what its files say, and
that these say what is in the image.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError, VerificationError
from careen.evidence.attest.base_predicates import BaseDocuments
from careen.evidence.attest.bundle import MAX_BUNDLE, SUFFIX, read_bundle
from careen.evidence.attest.compliance import PREFIX
from careen.evidence.attest.statement import Statement, read_statement
from careen.evidence.directory.layout import ATTESTATIONS
from careen.model.attestations.checked import Checked, EvidenceVerdict
from careen.model.attestations.signature import Signature
from careen.pipeline.image_agreement import image_agreement
from careen.pipeline.run.evidence import changes
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import (
    base_documents,
    digests_of,
    run_documents,
    supported,
)
from careen.pipeline.run.session import Session
from careen.signing.call import COSIGN
from careen.signing.identity import TrustedIdentity
from careen.signing.key import PublicKey
from careen.tools.read_file import read_file

REQUIRED = ("manifest", "provenance", "test-result", "verification-summary")
BASE_REQUIRED = ("manifest", "provenance", "sbom")


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """The report, who must have signed (a public key's name, or an identity), the result if it is
    to be compared, and what must be there besides `REQUIRED`.
    """

    directory: Path
    key: str | TrustedIdentity
    image: str | None = None
    required: tuple[str, ...] = ()


def verify_evidence(request: EvidenceRequest, session: Session) -> EvidenceVerdict:
    """Check every bundle in `attestations/` of a report, and its documents against the image.

    Raises InputError for a directory without bundles, an unusable key or image, ImageError,
    ConfigError for a damaged document, ToolError without cosign.
    """
    COSIGN.require()
    folder = request.directory / ATTESTATIONS
    names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    paths = [folder / name for name in names if name.endswith(SUFFIX)]
    if not paths:
        msg = f"{str(folder)!r}: has no attestations; `careen attest` makes them"
        raise InputError(msg)
    read = ReportDocuments(request.directory)
    read.require_finished(bases=True)
    where = str(request.directory)
    run = base_documents(read) if read.is_base else run_documents(read)
    said = supported(run, where)
    known = digests_of(run, where)
    agreement = None
    if request.image is not None:
        if isinstance(run, BaseDocuments):
            msg = (
                "--image: compares an image with its RBOM, and the report of a base has none; leave"
                " it out, and compare the digest that is printed"
            )
            raise InputError(msg)
        agreement = image_agreement(request.image, request.directory, run, session)
        known = set(agreement.digests)
    key, scratch = request.key, session.scratch("verify")
    by = key if isinstance(key, TrustedIdentity) else PublicKey.named(key)
    statements: dict[str, Statement] = {}
    checked = []
    for path in paths:
        name = path.name.removesuffix(SUFFIX)
        session.say(f"checking {name}")
        checked.append(_checked(path, name, (by, scratch), statements))
    problems = [
        *_missing(request, checked, BASE_REQUIRED if read.is_base else REQUIRED),
        *(
            f"{ATTESTATIONS}/{name} is no attestation, and nothing signs it"
            for name in names
            if not name.endswith(SUFFIX)
        ),
        *(
            f"{path} {change.value} manifest.json was written"
            for path, change in changes(read, run.manifest)
        ),
        *_subjects(statements, known),
        *_differences(statements, said),
        *(() if agreement is None else agreement.problems),
    ]
    digests = sorted({each.subject.digest for each in statements.values()})
    return EvidenceVerdict(", ".join(digests), tuple(checked), tuple(problems), agreement)


def _checked(
    path: Path,
    name: str,
    by: tuple[PublicKey | TrustedIdentity, Path],
    statements: dict[str, Statement],
) -> Checked:
    who, scratch = by
    try:
        signed = read_bundle(read_file(path, MAX_BUNDLE), str(path))
        statement = read_statement(signed.payload, str(path))
        signature = Signature(signed.signature, signed.key_hint, signed.identity)
        who.verify(signed.to_sign, signature, scratch)
    except (ConfigError, VerificationError) as error:
        return Checked(name, "", str(error))
    statements[name] = statement
    return Checked(name, statement.predicate_type)


def _missing(
    request: EvidenceRequest, checked: Sequence[Checked], always: Sequence[str]
) -> Iterator[str]:
    there = {each.name for each in checked}
    for name in dict.fromkeys((*always, *request.required)):
        if name not in there:
            yield f"{name} is required and missing"


def _subjects(statements: Mapping[str, Statement], known: set[str]) -> Iterator[str]:
    for name, statement in statements.items():
        if statement.subject.digest not in known:
            yield (
                f"{name} is about {statement.subject.digest}, and the image is"
                f" {' or '.join(sorted(known))}"
            )
    if len({each.subject.digest for each in statements.values()}) > 1:
        yield "the attestations are about different images"


def _differences(
    statements: Mapping[str, Statement], said: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> Iterator[str]:
    for name, statement in statements.items():
        if name not in said:
            yield f"{name} is signed, and no document of the report says it"
        elif (statement.predicate_type, statement.predicate) != said[name]:
            yield f"{name} does not say what the files of the report say"
        # What an assessment found is no part of the run: the run passed by its tests.
        elif not name.startswith(PREFIX) and "FAILED" in (
            statement.predicate.get("result"),
            statement.predicate.get("verificationResult"),
        ):
            yield f"{name} says that the run did not pass"
