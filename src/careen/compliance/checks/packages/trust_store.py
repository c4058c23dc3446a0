"""The certificate authorities that programs of the image trust."""

from careen.compliance.check import Check, Decision, manual, not_applicable, passed
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject

_STORES = (
    *("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"),
    *("/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"),
)
_ADDED = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")


def _added(subject: Subject) -> Decision:
    stores = [
        subject.content_evidence(path, "trust store")
        for path in _STORES
        if subject.rootfs.walk(path).final is not None
    ]
    folders = (subject.rootfs.walk(path).final for path in _ADDED)
    added = [
        shown(entry)
        for folder in folders
        if folder is not None
        for entry in subject.rootfs.below(folder.path)
        if entry.is_file
    ]
    if added:
        return manual(f"{len(added)} certificates were added to the distribution's", added)
    if not stores:
        return not_applicable("the image has no trust store of the system")
    return passed("no certificate was added to the distribution's trust store", stores)


CHECKS = (
    Check(
        id="no-added-certificates",
        title="No certificate was added to the system's trust store",
        reads="trust stores; folders for local certificates",
        fix="Remove the certificate, or record who approved it.",
        command="ls usr/local/share/ca-certificates etc/pki/ca-trust/source/anchors",
        decide=_added,
    ),
)
