"""Two subjects of the cold-path corpus: what their profile does not show works on the image that
is stripped by it.

A compiled service and a worker in shell. Each is profiled with its own few tests and without
exploration, so that plan and sensor alone decide what stays; then all its cold cases are asked of
the stripped image. `make cold` asks those of all subjects.
"""

import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from careen.tools.process import run
from tests.cold.ask import Answer, Outcome
from tests.cold.build import image_of
from tests.cold.judge import ask_concurrently, started, watched
from tests.cold.subject import Case, Subject, read_subject
from tests.support.careen_command import Careen

pytestmark = [pytest.mark.debian, pytest.mark.docker, pytest.mark.root, pytest.mark.bpf]

CORPUS = Path(__file__).parents[1] / "cold"
SUBJECTS = ("redis", "shell")
AT_ONCE = 4


def ask(
    subject: Subject, image: str, cases: list[Case], references: dict[str, Answer]
) -> tuple[Outcome, ...]:
    return ask_concurrently(replace(subject, cases=tuple(cases)), image, references, AT_ONCE)


def failures(subject: Subject, folder: Path) -> list[str]:
    """Build the subject, profile and strip it; return a line for each case that fails."""
    name = f"careen-test-{secrets.token_hex(6)}"
    careen, stripped = Careen(folder), f"{name}:stripped"
    with image_of(subject, f"{name}:original") as original:
        compared = [case for case in subject.cases if case.expected.same]
        references = {one.case: one.answer for one in ask(subject, original, compared, {})}
        how = (*watched(subject, "off", folder), *started(subject))
        careen("profile", original, "-o", "rbom.json", *how)
        level = ("--level", "closure")
        try:
            careen("strip", original, "--rbom", "rbom.json", *level, "-t", stripped)
            outcomes = ask(subject, stripped, list(subject.cases), references)
        finally:
            run(["docker", "image", "rm", "-f", stripped], timeout=120)
        failed = {one.case: one for one in outcomes if not one.passed}
        again = [case for case in subject.cases if case.name in failed]
        return [
            f"{failed[one.case].failure} (the original {'passes' if one.passed else 'fails, too'})"
            for one in ask(subject, original, again, {})
        ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[list[str]]]]:
    """The failures of each subject. Two are worked on at once: a build waits for packages, and the
    cases for seconds to pass.
    """
    pool = ThreadPoolExecutor(2)
    try:
        yield {
            name: pool.submit(
                failures,
                read_subject(CORPUS / name, CORPUS.parents[1]),
                tmp_path_factory.mktemp(name),
            )
            for name in SUBJECTS
        }
    finally:
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(1200)  # the first one waits for a build, too
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_cold_case_passes_on_the_stripped_image(
    found: dict[str, Future[list[str]]], name: str
) -> None:
    failed = found[name].result()
    assert not failed, "\n".join(failed)
