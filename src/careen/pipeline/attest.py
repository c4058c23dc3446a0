"""Sign what a finished run says of its result, as in-toto statements in Sigstore bundles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError, InputError, VerificationError
from careen.evidence.attest.base_predicates import CONTRACT
from careen.evidence.attest.bundle import (
    MEDIA_TYPE,
    SUFFIX,
    Signed,
    pre_authentication,
    read_envelope,
    written_bundle,
    written_envelope,
)
from careen.evidence.attest.compliance import PREFIX
from careen.evidence.attest.predicates import VERDICT
from careen.evidence.attest.statement import Statement
from careen.evidence.directory.layout import ATTESTATIONS, MANIFEST
from careen.evidence.directory.manifest import FileRecord
from careen.formats.oci_purl import repository_of
from careen.model.attestations.signature import Signature
from careen.model.attestations.signed import Attested, Subject
from careen.model.history import Named
from careen.oci.reference import RegistryImage, parse_reference
from careen.pipeline.run.evidence import event_of, extended_manifest, record_event
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import (
    base_documents,
    digests_of,
    run_documents,
    supported,
)
from careen.pipeline.run.session import Session
from careen.registries import referrers
from careen.registries.attestation_tag import Envelope, tag_envelopes
from careen.registries.manifests import Remote, find
from careen.report.directory import clear_report, write_report
from careen.signing.call import COSIGN
from careen.signing.identity import IdentityToken
from careen.signing.key import PrivateKey, PublicKey, hint_of


@dataclass(frozen=True, slots=True)
class AttestRequest:
    """The report of a finished run, and who signs: a private key's name, or an identity.

    `image` is the result in a registry (`docker://NAME`), to which the bundles are attached; with
    `att_tag` the verdict is also written under its tag `sha256-HEX.att`.
    """

    directory: Path
    key: str | IdentityToken
    image: str | None = None
    att_tag: bool = False


def attest(request: AttestRequest, session: Session) -> Attested:
    """Write a signed bundle for each statement into `attestations/` of the report.

    Raises InputError (no finished run, another image, an unusable key), ConfigError or ToolError.
    """
    COSIGN.require()
    read = ReportDocuments(request.directory)
    read.require_finished(bases=True)
    folder = request.directory / ATTESTATIONS
    _require_replaceable(folder)
    manifest = extended_manifest(read)
    run = base_documents(read, manifest) if read.is_base else run_documents(read, manifest)
    remote = None if request.image is None else _remote(request.image, session)
    place = str(request.directory)
    said = supported(run, place)
    subject = _subject(run.manifest.result, digests_of(run, place), remote)
    statements = {
        name: Statement(subject, kind, predicate) for name, (kind, predicate) in said.items()
    }
    key = request.key
    by = key if isinstance(key, IdentityToken) else PrivateKey.named(key)
    scratch = session.scratch("sign")
    made: dict[str, bytes] = {}
    verdict: list[Envelope] = []
    for name, statement in statements.items():
        session.say(f"signing {name}")
        payload = statement.written()
        made_by = by.sign(pre_authentication(payload), scratch)
        signed = Signed(payload, made_by.value, made_by.key_hint, made_by.identity)
        made[f"{name}{SUFFIX}"] = written_bundle(signed)
        if statement.predicate_type in VERDICT and not name.startswith((PREFIX, CONTRACT)):
            verdict.append(Envelope(statement.predicate_type, written_envelope(signed)))
    write_report(folder, {})
    data = run.manifest.written()
    write_report(request.directory, {MANIFEST: data})
    clear_report(folder, [f"*{SUFFIX}"])  # of an earlier key, or of fewer documents
    write_report(folder, made)
    written = FileRecord.of(MANIFEST, data)
    record_event(event_of("attested", run.manifest, written, request.directory), session)
    if remote is not None:
        session.say(f"attaching to {remote.image}")
        _attach(remote, made, session)
        if request.att_tag and isinstance(by, PrivateKey):
            where = referrers.Subject(remote.image, remote.digest, len(remote.raw))
            own = Signer(by.public, hint_of(by.public), session.scratch("own"))
            tag_envelopes(where, verdict, own.made, session.scratch("att"), session.skopeo)
    return Attested(
        subject,
        {folder / f"{name}{SUFFIX}": each.predicate_type for name, each in statements.items()},
        None if remote is None else str(remote.image.at(str(remote.digest))),
    )


class Signer:
    """The owner of a key, known by its public half (PEM, `hint`), which is put into `scratch`."""

    def __init__(self, public: str, hint: str, scratch: Path) -> None:
        path = scratch / "own.pub"
        path.write_text(public, encoding="ascii")
        self._key, self._scratch = PublicKey(str(path), hint), scratch

    def made(self, envelope: bytes) -> bool:
        """Return whether the key signed an envelope."""
        try:
            payload, signature = read_envelope(envelope, "envelope")
            signed = Signature(signature, self._key.hint)
            self._key.verify(pre_authentication(payload), signed, self._scratch)
        except (ConfigError, VerificationError):
            return False
        return True


def _require_replaceable(folder: Path) -> None:
    for path in folder.glob(f"*{SUFFIX}"):
        if path.is_dir():
            msg = f"{str(path)!r}: a directory, where an attestation belongs; remove it"
            raise InputError(msg)


def _remote(text: str, session: Session) -> Remote:
    reference = parse_reference(text)
    if not isinstance(reference, RegistryImage):
        msg = f"{text!r}: attestations are attached in a registry; give docker://NAME"
        raise InputError(msg)
    return find(reference, session.settings.platform, session.skopeo)


def _subject(result: Named, known: Collection[str], remote: Remote | None) -> Subject:
    """Return the subject; raises InputError if the report is of another image."""
    if remote is None:
        return Subject(repository_of(result.reference) or result.reference, result.digest)
    digest = str(remote.digest)
    # A result that was never written by careen in its final form is known by its configuration.
    by_config = str(remote.manifest.config.digest)
    if digest not in known and by_config not in known:
        msg = (
            f"{remote.image} has the digest {digest}, and the report is of {result.digest}; name"
            " the image that this run pushed"
        )
        raise InputError(msg)
    return Subject(remote.image.repository, digest)


def _attach(remote: Remote, bundles: Mapping[str, bytes], session: Session) -> None:
    subject = referrers.Subject(remote.image, remote.digest, len(remote.raw))
    attachments = [
        referrers.Attachment(name, MEDIA_TYPE, data) for name, data in sorted(bundles.items())
    ]
    referrers.attach(subject, attachments, session.scratch("attach") / "layout", session.skopeo)
