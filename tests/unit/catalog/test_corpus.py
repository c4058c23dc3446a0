"""What `careen base migrate` proposes for each Dockerfile of the corpus."""

import pytest

from careen.model.catalog.entry import Variant
from tests.bases.attempt import Outcome
from tests.bases.corpus import forced, subjects
from tests.bases.registries import with_mounts
from tests.bases.table import Row, table
from tests.support.dockerfiles import needs_parser

needs_parser()

PROPOSED = {
    "ai-celery": "compat",
    "ai-dashboard": "dev runtime",
    "ai-fastapi": "compat",
    "ai-fastapi-venv": "dev runtime",
    "ai-full": "dev",
    "ai-grpc": "dev runtime",
    "ai-gunicorn": "dev runtime",
    "ai-images": "dev compat",
    "ai-jobs-cli": "runtime",
    "ai-notebook": "compat",
    "ai-numpy": "dev runtime",
    "ai-onnx": "dev dev runtime",
    "ai-poetry": "dev dev runtime",
    "ai-sentencepiece": "dev runtime",
    "ai-tokenizer": "dev runtime",
    "ai-user-site": "dev compat",
    "ai-uv": "dev runtime",
    "ai-vectors": "compat",
    "ai-websocket": "dev runtime",
    "debian-archive": "compat",
    "debian-ca": "compat",
    "debian-cmake": "dev runtime",
    "debian-cron": "compat",
    "debian-dumb-init": "compat",
    "debian-go": "dev runtime",
    "debian-gosu": "compat",
    "debian-locale": "compat",
    "debian-make": "dev compat",
    "debian-perl": "compat",
    "debian-pin": "compat",
    "debian-rust": "dev runtime",
    "debian-scratch": "runtime dev -",
    "debian-script": "compat",
    "debian-setpriv": "compat",
    "debian-static": "dev runtime",
    "debian-tz": "compat",
    "debian-user": "compat",
    "debian-web": "compat",
    "java-fat": "dev compat",
    "java-jar": "dev runtime",
    "java-jlink": "dev runtime",
    "java-layers": "dev runtime",
    "node-addon": "dev runtime",
    "node-bundle": "dev dev runtime",
    "node-ci": "dev runtime",
    "node-npm": "dev runtime",
    "node-plain": "runtime",
    "node-single": "compat",
    "node-user": "compat",
    "node-user-json": "runtime",
    "node-worker": "runtime",
    "python-311": "runtime",
    "python-args": "runtime",
    "python-heredoc": "compat",
    "python-index": "dev runtime",
    "python-libpq": "dev compat",
    "python-local": "dev compat",
    "python-locale": "runtime",
    "python-native": "dev runtime",
    "python-onbuild": "compat -",
    "python-pins": "compat",
    "python-plain": "runtime",
    "python-platform": "dev runtime",
    "python-shell": "compat",
    "python-source": "dev dev runtime",
    "python-tls": "dev runtime",
    "python-user": "compat",
    "python-venv": "dev runtime",
    "python-wheel": "dev runtime",
    "python-zipapp": "dev runtime",
}


def test_every_subject_has_its_row() -> None:
    assert [subject.name for subject in subjects()] == sorted(PROPOSED)


@pytest.mark.parametrize("name", PROPOSED)
def test_each_stage_gets_the_least_variant_that_runs_it(name: str) -> None:
    (subject,) = subjects([name])
    found = subject.proposal("bases")
    assert " ".join(stage.variant or "-" for stage in found.stages) == PROPOSED[name]
    assert subject.expected
    assert subject.shape


def test_another_variant_is_tried_for_the_base_of_the_last_stage() -> None:
    (onbuild,) = subjects(["python-onbuild"])
    moves = forced(onbuild.proposal("bases").stages, Variant.RUNTIME)
    assert [move.after for move in moves] == ["bases/python:3.13-debian-13", ""]
    (scratch,) = subjects(["debian-scratch"])
    proposed = scratch.proposal("bases").stages
    assert forced(proposed, Variant.COMPAT) == proposed


def test_settings_of_package_managers_are_mounted_into_each_run() -> None:
    (subject,) = subjects(["ai-uv"])
    text = with_mounts(subject.text, subject)
    runs = [line for line in text.splitlines() if line.startswith("RUN")]
    assert len(runs) == 2
    assert all(line.startswith("RUN --mount=type=secret,id=pip,") for line in runs)
    (plain,) = subjects(["python-user"])
    assert with_mounts(plain.text, plain) == plain.text


def test_the_table_names_each_reason_once() -> None:
    (one, two) = subjects(["debian-script", "debian-tz"])
    said = 'build: exec: "/bin/sh"'
    rows = [
        Row(each, ("compat",), (Outcome("", "compat", ""), Outcome("", "runtime", said)))
        for each in (one, two)
    ]
    text = table(rows, ("compat", "runtime"))
    assert text.count("| compat | passes | the same | fails (1) |") == 2
    assert text.endswith(f"1. `{said}`\n")
    assert text.count(said) == 1
