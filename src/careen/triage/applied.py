"""Result of applying ignore rules or VEX statements to findings."""

from dataclasses import dataclass

from careen.model.findings.triage import Suppressed, Triaged


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings that still count, and suppressed ones.

    `findings` keep their order. `suppressed` name who suppressed them and why. `warnings` are for
    the user.
    """

    findings: tuple[Triaged, ...]
    suppressed: tuple[Suppressed, ...] = ()
    warnings: tuple[str, ...] = ()
