"""Whatever decides about a result is in the fingerprint of a run's configuration."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.integration import Mode
from careen.model.patching import PatchChoices, Reach
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions, Workload
from careen.oci.reference import OciLayout, RegistryImage
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.integrating.inputs import configuration
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.run.settings import Destination, PlanChoices, ProofChoices
from careen.pipeline.upgrading.options import PatchOptions

REQUEST = CiRequest(
    name="web",
    mode=Mode.PATCH,
    image="web:1",
    workloads=(),
    choices=PlanChoices(),
    destination=Destination(tag="web:2"),
    folder=Path("careen-ci/web"),
    evidence=Path("careen-ci/web/evidence"),
    patch=PatchOptions(PatchChoices()),
)


@pytest.mark.parametrize(
    "options",
    [
        PatchOptions(PatchChoices(only=("openssl",))),
        PatchOptions(PatchChoices(exclude=("openssl",))),
        PatchOptions(PatchChoices(reach=Reach.LATEST)),
        PatchOptions(PatchChoices(allow_major=True)),
        PatchOptions(PatchChoices(python_index="https://index.example/simple")),
        PatchOptions(PatchChoices(sources=("deb https://debian.example stable main",))),
        PatchOptions(PatchChoices(tooling="tools:1")),
        PatchOptions(PatchChoices(online=False)),
        PatchOptions(PatchChoices(environment=("INDEX=one",))),
        PatchOptions(PatchChoices(), squash=True),
    ],
)
def test_each_choice_for_patching_is_in_it(options: PatchOptions) -> None:
    found = configuration(replace(REQUEST, patch=options))
    assert found != configuration(REQUEST)
    assert found == configuration(replace(REQUEST, patch=options))


def test_a_name_is_the_same_in_a_store_and_in_its_registry() -> None:
    local = replace(REQUEST, destination=Destination(tag="shop/web:2"))
    pushed = Destination(outputs=(RegistryImage("docker.io/shop/web:2"),))
    assert configuration(local) == configuration(replace(REQUEST, destination=pushed))
    others = (
        Destination(tag="shop/web:3"),
        Destination(outputs=(RegistryImage("r.example/shop/web:2"),)),
        Destination(tag="shop/web:2", outputs=(OciLayout(Path("out"), "web"),)),
    )
    for other in others:
        assert configuration(local) != configuration(replace(REQUEST, destination=other))


def test_the_values_of_the_environment_are_in_it_and_not_shown() -> None:
    one, two = (
        configuration(replace(REQUEST, patch=PatchOptions(PatchChoices(environment=(each,)))))
        for each in ("TOKEN=one", "TOKEN=two")
    )
    assert one != two
    assert "TOKEN" not in one + two


def test_the_documents_of_compose_are_in_it() -> None:
    one, two = (
        configuration(
            replace(
                REQUEST,
                workloads=(
                    Workload(run=RunOptions(compose=ComposeService("api", document=document))),
                ),
            )
        )
        for document in ("{}", '{"services": {}}')
    )
    assert one != two


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (ProofChoices(noise=("token=[0-9]+",)), ProofChoices(noise=("token=.*",))),
        (PlanChoices(keep=("/password=one",)), PlanChoices(keep=("/password=two",))),
        (PlanChoices(remove=("/token=one",)), PlanChoices(remove=("/token=two",))),
    ],
)
def test_choices_that_are_masked_alike_are_not_the_same(
    one: ProofChoices | PlanChoices, two: ProofChoices | PlanChoices
) -> None:
    requests = [
        replace(REQUEST, proof=each)
        if isinstance(each, ProofChoices)
        else replace(REQUEST, choices=each)
        for each in (one, two)
    ]
    stated = [
        stated_choices(each.choices, each.proof, FindingPolicy(), patch=True) for each in requests
    ]
    assert stated[0] == stated[1]
    assert configuration(requests[0]) != configuration(requests[1])


def test_the_time_that_a_result_states_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for time in (None, "0", "1700000000"):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        if time is not None:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        found.add(configuration(REQUEST))
    assert len(found) == 3
