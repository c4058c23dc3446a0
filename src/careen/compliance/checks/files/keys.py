"""Keys for SSH that all containers of the image would share."""

import re

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject
from careen.model.entry import Entry
from careen.model.paths import name

# Links count, and other folders than .ssh: that, too, can be a link.
_AUTHORIZED = frozenset({"authorized_keys", "authorized_keys2"})
_KEY_NAME = re.compile(r"(?:\.key|\.pem|\.p8|_key)\Z|\Aid_")
_OTHERS = 0o006
_LARGEST = 1 << 20  # bytes of a file with keys


def _host_keys(subject: Subject) -> Decision:
    return none_of(
        (shown(entry) for entry in subject.rootfs if _is_host_key(entry)),
        "{} private host keys are in the image, the same in all containers",
        f"none of {len(subject.rootfs)} paths is a private host key of SSH",
    )


def _is_host_key(entry: Entry) -> bool:
    last = name(entry.path)
    return not entry.is_dir and last.startswith("ssh_host_") and last.endswith("_key")


def _authorized(subject: Subject) -> Decision:
    found = (
        shown(entry)
        for entry in subject.rootfs
        if not entry.is_dir and name(entry.path) in _AUTHORIZED
    )
    return none_of(
        found,
        "{} files let the owners of keys log in",
        f"none of {len(subject.rootfs)} paths is authorized_keys",
    )


def _is_open_key(subject: Subject, entry: Entry) -> bool:
    # Packages deliver keys for their own tests and examples.
    if not entry.is_file or entry.path in subject.inventory.owners or entry.size > _LARGEST:
        return False
    if not entry.mode & _OTHERS or not _KEY_NAME.search(name(entry.path)):
        return False
    return b"PRIVATE KEY-----" in subject.rootfs.read(entry.path, _LARGEST)


def _private(subject: Subject) -> Decision:
    return none_of(
        (shown(entry) for entry in subject.rootfs if _is_open_key(subject, entry)),
        "{} private keys can be read or replaced by every user",
        f"none of {len(subject.rootfs)} paths is a private key that every user can read",
    )


CHECKS = (
    Check(
        id="private-keys-protected",
        title="No private key can be read by every user",
        reads="names and modes of files that no package delivered; contents of *.key, *.pem, id_*",
        fix="Remove the key and mount it as a secret; else chmod 0600 FILE.",
        command="find . -type f -perm /006 \\( -name '*.key' -o -name '*.pem' -o -name '*.p8' -o"
        " -name '*_key' -o -name 'id_*' \\) -exec grep -l 'PRIVATE KEY-----' {} +",
        decide=_private,
    ),
    Check(
        id="no-ssh-host-keys",
        title="No private host key of SSH is in the image",
        reads="names of all files",
        fix="Remove the key; make it when the container starts.",
        command="find . -name 'ssh_host_*_key'",
        decide=_host_keys,
    ),
    Check(
        id="no-authorized-keys",
        title="No key may log in by SSH",
        reads="names of all files",
        fix="Remove authorized_keys.",
        command="find . ! -type d -name 'authorized_keys*'",
        decide=_authorized,
    ),
)
