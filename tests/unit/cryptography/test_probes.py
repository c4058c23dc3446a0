"""Probes ask what must fail and what must work: an image where nothing works is not in FIPS mode."""

import subprocess
import sys

import pytest

from careen.cryptography.probes import (
    OPENSSL,
    PYTHON,
    judged_openssl,
    judged_python,
    python_program,
)
from careen.model.cryptography.fips import FipsProof

IN_MODE = "Providers:\n  base\n    name: Base\n  fips\n    name: OpenSSL FIPS Provider\n"
WITH_DEFAULT = IN_MODE + "  default\n    name: OpenSSL Default Provider\n"


def answers(**found: str) -> str:
    return "".join(f"careen-probe\t{name}\t{text}\n" for name, text in found.items())


@pytest.mark.parametrize(
    ("status", "output", "passed"),
    [(0, IN_MODE, True), (0, WITH_DEFAULT, False), (1, IN_MODE, False), (0, "Providers:\n", False)],
)
def test_list_of_providers(status: int, output: str, passed: bool) -> None:
    assert judged_openssl(OPENSSL[0], status, output, "x").passed is passed


def test_commands_that_must_work_and_that_must_fail() -> None:
    for question in OPENSSL[1:]:
        works = judged_openssl(question, 0, "", "x").passed
        fails = judged_openssl(question, 1, "unsupported", "x").passed
        assert {works, fails} == {True, False}
        assert judged_openssl(question, None, "", "x").passed is False


def test_python_in_fips_mode() -> None:
    text = answers(
        **{
            "python-mode": "1",
            "python-evp-md5": "blocked: UnsupportedDigestmodError",
            "python-builtin-md5": "works",
            "python-tls-suites": "52 suites, 0 with ChaCha20",
            "cryptography-md5": "absent: ModuleNotFoundError: no module",
            "cryptography-mode": "OpenSSL 4.0.3 29 Sep 2026, fips True",
        }
    )
    found = {each.name: each.passed for each in judged_python(f"noise\n{text}", "x")}
    assert found["python-mode"] is found["python-evp-md5"] is found["cryptography-mode"] is True
    assert found["python-builtin-md5"] is found["cryptography-md5"] is None
    assert found["cryptography-aes-gcm"] is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("python-mode", "0"),
        ("python-evp-md5", "works"),
        ("python-tls-suites", "60 suites, 8 with ChaCha20"),
        ("python-tls-suites", "0 suites, 0 with ChaCha20"),
        ("cryptography-mode", "OpenSSL 4.0.3 29 Sep 2026, fips False"),
        ("cryptography-sha256", "blocked: InternalError"),
    ],
)
def test_python_outside_fips_mode(name: str, text: str) -> None:
    found = {each.name: each.passed for each in judged_python(answers(**{name: text}), "x")}
    assert found[name] is False


def test_no_answer_is_no_proof() -> None:
    silent = tuple(judged_python("", "x"))
    assert {each.passed for each in silent} == {None}
    assert not FipsProof("docker", silent).is_shown
    assert not FipsProof("docker", ()).is_shown


def test_program_answers_every_question() -> None:
    program = python_program().decode()
    done = subprocess.run(  # noqa: TID251 — the program of a test
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    named = {line.split("\t")[1] for line in done.stdout.splitlines()}
    assert named == {each.name for each in PYTHON}
