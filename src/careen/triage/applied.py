"""What is left of a list of findings after somebody's word was heard."""

from dataclasses import dataclass

from careen.model.triage import Suppressed, Triaged


@dataclass(frozen=True, slots=True)
class Applied:
    """`findings` still count, in their order; `suppressed` do not, each with who says so and why;
    `warnings` are for the user, in words.
    """

    findings: tuple[Triaged, ...]
    suppressed: tuple[Suppressed, ...] = ()
    warnings: tuple[str, ...] = ()
