"""What a check of attestations found."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was compared with an image of these digests, and what is wrong.

    `components` maps the documents that there are (`sbom`, `spdx`) to the number of packages,
    runtimes, model files and distributions that both list. Of the RBOM's files, `same` have the
    same content, `rewritten` are package databases and files without symbols, whose former content
    it has, and `absent` were removed as planned.
    """

    digests: frozenset[str]
    components: Mapping[str, int]
    same: int
    rewritten: int
    absent: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One attestation: its name, its type if it could be read, and what is wrong, "" if nothing."""

    name: str
    predicate_type: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceVerdict:
    """The checks of all attestations, the digest that they are about, and what else is wrong.

    `agreement` is None if no image was named.
    """

    digest: str
    checked: tuple[Checked, ...]
    problems: tuple[str, ...]
    agreement: Agreement | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not any(each.problem for each in self.checked)
