"""What `careen base migrate` proposes for each Dockerfile of the corpus."""

import pytest

from tests.bases.corpus import subjects
from tests.support.dockerfiles import needs_parser

needs_parser()

PROPOSED = {
    "debian-script": ["compat"],
    "debian-static": ["dev", "runtime"],
    "java-jar": ["dev", "runtime"],
    "node-npm": ["dev", "runtime"],
    "node-plain": ["runtime"],
    "python-native": ["dev", "runtime"],
    "python-plain": ["runtime"],
    "python-user": ["compat"],
    "python-venv": ["dev", "runtime"],
    "python-wheel": ["dev", "runtime"],
}


def test_every_subject_has_its_row() -> None:
    assert [subject.name for subject in subjects()] == sorted(PROPOSED)


@pytest.mark.parametrize("name", PROPOSED)
def test_each_stage_gets_the_least_variant_that_runs_it(name: str) -> None:
    (subject,) = subjects([name])
    found = subject.proposal("bases")
    assert [stage.variant for stage in found.stages] == PROPOSED[name]
    assert found.moved == len(found.stages)
    assert subject.expected
