"""Packages that the workload did not use, by its RBOM."""

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.packages.package import Presence


def _unused(subject: Subject) -> Decision:
    bom = subject.rbom
    if bom is None:
        return not_evaluable("no RBOM was given (--rbom): what the workload uses is not known")
    if not bom.completeness.complete:
        return not_evaluable(f"the RBOM is incomplete: {bom.completeness.sentence()}")
    used = {purl for file in bom.files for purl in file.packages}
    listed = [
        each
        for each in subject.inventory.packages.values()
        if each.presence is Presence.INSTALLED and each.files
    ]
    found = (
        Evidence(str(each.record), each.purl)
        for each in listed
        if each.purl not in used and not each.essential
    )
    return none_of(
        found,
        f"{{}} of {len(listed)} packages have no file that the workload used",
        f"the workload used files of all {len(listed)} packages",
    )


CHECKS = (
    Check(
        id="no-unused-packages",
        title="The workload uses all packages",
        reads="RBOM; files of packages",
        fix="Remove them: `careen harden IMAGE -t TAG --test COMMAND`.",
        command="careen plan IMAGE --rbom rbom.json",
        decide=_unused,
    ),
)
