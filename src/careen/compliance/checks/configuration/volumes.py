"""The volumes that the image states."""

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

# A volume there hides the image's files, or is meant for what belongs to the host.
_SYSTEM = frozenset(
    {
        *("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run"),
        *("/sbin", "/sys", "/usr", "/var", "/var/run", "/run/docker.sock", "/var/run/docker.sock"),
    }
)


def _volumes(subject: Subject) -> Decision:
    stated = subject.config.volumes
    found = (
        Evidence("config.Volumes", str(each))
        for each in stated
        if ("/" + str(each).strip("/")) in _SYSTEM
    )
    return none_of(
        found,
        "{} volumes are directories of the system or the host's socket",
        f"none of {len(stated)} stated volumes is a directory of the system",
    )


CHECKS = (
    Check(
        id="volumes-safe",
        title="No stated volume is a directory of the system or the engine's socket",
        reads="configuration: Volumes",
        fix="State only directories of data as VOLUME.",
        command="docker image inspect --format '{{json .Config.Volumes}}' IMAGE",
        decide=_volumes,
    ),
)
