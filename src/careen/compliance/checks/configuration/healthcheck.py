"""Whether the image says how its health is found out."""

from careen.compliance.check import Check, Decision, failed, passed
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_KEY = "config.Healthcheck"


def _present(subject: Subject) -> Decision:
    found = subject.config.healthcheck
    if found is not None:
        return passed("a HEALTHCHECK is set", [Evidence(_KEY, " ".join(map(str, found.test)))])
    raw = (subject.config.document.get("config") or {}).get("Healthcheck")
    value = "disabled (NONE)" if raw else "(not set)"
    return failed("no HEALTHCHECK is set", [Evidence(_KEY, value)])


CHECKS = (
    Check(
        id="healthcheck",
        title="The image has a HEALTHCHECK",
        reads="configuration: Healthcheck",
        fix="Add HEALTHCHECK to the Dockerfile (not kept by podman's OCI format: use --format"
        " docker).",
        command="docker image inspect --format '{{json .Config.Healthcheck}}' IMAGE",
        decide=_present,
    ),
)
