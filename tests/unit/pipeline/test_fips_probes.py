"""The probes ask with OpenSSL's variables and without, and say what they leave out."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careen.pipeline.hardening import fips_probes
from careen.pipeline.hardening.fips_probes import HARDENED, WITHOUT, Asked, prove_fips
from tests.support.trees import Exec, tree

SSL, ENV, PYTHON = "/usr/bin/openssl", "/usr/bin/env", "/usr/bin/python3"
UNSET = (ENV, "-u", "OPENSSL_CONF", "-u", "OPENSSL_MODULES")


class Engine:
    """An engine whose containers write down what they are asked, and are in FIPS mode or not."""

    name = "docker"

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def create(self, *_: object) -> "Engine":
        return self

    def start(self) -> None:
        """Start nothing."""

    def remove(self) -> None:
        """Remove nothing."""

    def exec(self, argv: tuple[str, ...], _: float) -> Any:
        self.asked.append(argv)
        return SimpleNamespace(status=0, output="  default\n")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(fips_probes, "copy_idle_program", lambda _: None)
    return SimpleNamespace(engine=Engine(), say=lambda _: None, scratch=lambda _: tmp_path)


def asked(*programs: str) -> Asked:
    rootfs = tree({path: Exec(path.encode()) for path in programs})
    image = SimpleNamespace(config=SimpleNamespace(env={"PATH": "/usr/bin:/opt/bin"}))
    examined: Any = SimpleNamespace(rootfs=rootfs, image=image)
    prepared: Any = None
    return Asked(prepared, examined, HARDENED)


def test_each_question_is_asked_without_the_variables_too(session: Any) -> None:
    proof = prove_fips([asked(SSL, ENV)], session)
    words = session.engine.asked
    assert [each[0] for each in words[: len(words) // 2]] == [SSL] * (len(words) // 2)
    assert [(*UNSET, *each) for each in words[: len(words) // 2]] == words[len(words) // 2 :]
    assert {each.stage for each in proof.probes} == {HARDENED, f"{HARDENED}, {WITHOUT}"}
    assert not proof.is_shown
    assert proof.not_evaluable == ("the image has no Python",)


def test_python_takes_the_variables_away_where_there_is_no_env(session: Any) -> None:
    prove_fips([asked(SSL, PYTHON)], session)
    plain = [each for each in session.engine.asked if each[:3] == (PYTHON, "-I", "-c")]
    assert len(plain) == len(session.engine.asked) / 2
    assert plain[0][4] == SSL


def test_what_was_not_asked_is_said(session: Any) -> None:
    proof = prove_fips([asked(SSL, "/opt/bin/openssl")], session)
    assert proof.not_evaluable == (
        "openssl: /usr/bin/openssl was asked, not /opt/bin/openssl",
        f"openssl was asked with the variables of {HARDENED} alone: it has no env",
        "the image has no Python",
    )
