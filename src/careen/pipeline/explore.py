"""Explore: try on throwaway containers what the user's tests did not, and learn what that needs."""

from dataclasses import dataclass

from careen.explore.experiment import Experiment
from careen.formats.openapi import Operation
from careen.model.exploration import Explored


@dataclass(frozen=True, slots=True)
class Exploration:
    """The experiments, and what came of each on the original image, in the same order. `operations` are those of the service's own OpenAPI document, None when
    it has none (or was never asked).
    """

    experiments: tuple[Experiment, ...]
    original: tuple[Explored, ...]
    operations: tuple[Operation, ...] | None = None
