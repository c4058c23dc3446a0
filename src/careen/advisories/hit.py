"""One record's word on one package: what joins into findings."""

from dataclasses import dataclass

from careen.advisories.evaluate import Evaluation
from careen.model.advisory import Advisory, AffectedPackage


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that speaks about a package, with what it says of `version`: affected or not.
    `entry` is the entry of its `affected` that decided.
    """

    advisory: Advisory
    entry: AffectedPackage
    evaluation: Evaluation
    version: str
