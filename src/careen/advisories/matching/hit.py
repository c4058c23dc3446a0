"""Record of an advisory that names a package; hits are joined into findings."""

from dataclasses import dataclass

from careen.advisories.matching.evaluate import Evaluation
from careen.model.findings.advisory import Advisory, AffectedPackage


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that names a package, with its evaluation of `version`.

    `entry` is the entry of the record's `affected` that decided.
    """

    advisory: Advisory
    entry: AffectedPackage
    evaluation: Evaluation
    version: str
