"""Keys for SSH that all containers of the image would share."""

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject
from careen.model.entry import Entry
from careen.model.paths import name

# Links count, and other folders than .ssh: that, too, can be a link.
_AUTHORIZED = frozenset({"authorized_keys", "authorized_keys2"})


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


CHECKS = (
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
