"""What `careen doctor` says of the scanners that `careen comply` runs."""

import os

from careen.compliance.confined import missing_programs, unconfined
from careen.compliance.secrets.gitleaks import GITLEAKS
from careen.pipeline.assessing.second_opinion import CONTENT, OSCAP
from careen.report.views.doctor import DoctorRow, Health

_UTIL_LINUX = "apt-get install util-linux"
_ALLOW = "run careen as root, or allow user namespaces"
_GIVE = "give careen CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID and CAP_SETPCAP (docker: --privileged)"


def scanner_rows() -> tuple[DoctorRow, ...]:
    """Return the rows about the search for secrets, and about OpenSCAP."""
    lacks, free, root = missing_programs(), unconfined(), os.geteuid() == 0
    contents = len(tuple(CONTENT.glob("ssg-*-ds.xml")))
    return (
        secrets_row(GITLEAKS.path(), lacks, free, root=root),
        opinion_row(OSCAP.path(), lacks, free, contents, root=root),
    )


def secrets_row(gitleaks: str | None, lacks: str, free: str, *, root: bool) -> DoctorRow:
    """Return the row about gitleaks, given by its path.

    `lacks` are the programs that would confine it, `free` is what it runs with all the same.
    """
    name = "secrets"
    if gitleaks is None:
        detail = "gitleaks is missing: the check `secrets` of `careen comply` is not evaluable"
        return DoctorRow(name, Health.LIMITED, detail, "apt-get install gitleaks")
    if lacks:
        detail = f"{lacks} of util-linux is missing, so {gitleaks} does not run"
        return DoctorRow(name, Health.LIMITED, detail, _UTIL_LINUX)
    if free:
        remedy = _GIVE if root else _ALLOW
        return DoctorRow(name, Health.LIMITED, f"{gitleaks} would run {free}", remedy)
    return DoctorRow(name, Health.GOOD, f"judged by {gitleaks}, confined and without a network")


def opinion_row(
    oscap: str | None, lacks: str, free: str, contents: int, *, root: bool
) -> DoctorRow:
    """Return the row about OpenSCAP; `contents` is the number of data streams of packages."""
    name, needless = "OpenSCAP", "`careen comply --oscap` cannot work; its own checks can"
    if oscap is None:
        remedy = "apt-get install openscap-scanner ssg-debian"
        return DoctorRow(name, Health.LIMITED, f"oscap is missing: {needless}", remedy)
    if lacks:
        detail = f"{lacks} of util-linux is missing: {needless}"
        return DoctorRow(name, Health.LIMITED, detail, _UTIL_LINUX)
    if not root:
        detail = f"this user is not root: {needless}"
        return DoctorRow(name, Health.LIMITED, detail, "run careen as root for it")
    if free:
        detail = f"{oscap} would run {free}: {needless}"
        return DoctorRow(name, Health.LIMITED, detail, _GIVE)
    if not contents:
        detail = f"{oscap}, confined; no data stream is installed"
        remedy = "apt-get install ssg-debian, or name a data stream by --oscap"
        return DoctorRow(name, Health.LIMITED, detail, remedy)
    return DoctorRow(name, Health.GOOD, f"{oscap}, confined; data streams: {contents}")
