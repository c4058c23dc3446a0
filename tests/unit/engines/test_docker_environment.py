"""Variables for a command in a docker container: what docker's client is given, and what is refused
without a word of the value.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client import client as client_module
from careen.engines.client.changes import readable_upper
from careen.engines.client.client import DOCKER
from careen.engines.client.environment import environment_file
from careen.errors import InputError
from careen.tools.process import Finished


def test_the_client_reads_the_variables_as_they_are() -> None:
    with environment_file({"TOKEN": " a=b #c ", "EMPTY": ""}) as (words, descriptors):
        assert words[0] == "--env-file"
        assert Path(words[1]).read_text() == "TOKEN= a=b #c \nEMPTY=\n"
        assert words[1].endswith(f"/{descriptors[0]}")
    assert not Path(words[1]).exists()


def test_without_variables_the_client_is_told_nothing() -> None:
    with environment_file({}) as given:
        assert given == ((), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "secret"),
        ("A=B", "secret"),
        ("#A", "secret"),
        ("A B", "secret"),
        ("A", "secret\nB=1"),
        ("A", "secret\r"),
        ("A", "secret\udc80"),
        ("A", "secret" * 20_000),
    ],
)
def test_what_the_file_cannot_hold_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(InputError) as caught, environment_file({name: value}):
        pass
    assert "secret" not in str(caught.value)
    assert "docker" not in str(caught.value)  # it may be podman


@pytest.mark.root
@pytest.mark.parametrize(
    ("driver", "options", "readable"),
    [
        ("overlay2", ["name=seccomp,profile=builtin"], True),
        ("overlay2", ["name=seccomp,profile=builtin", "name=userns"], False),
        ("overlay2", ["name=rootless"], False),
        ("overlayfs", [], False),
    ],
)
def test_dockers_directory_is_read_only_where_its_owners_are_the_containers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    driver: str,
    options: list[str],
    *,
    readable: bool,
) -> None:
    def call(argv: tuple[str, ...], **_: Any) -> Finished:
        assert argv[1] == "info"
        return Finished(0, json.dumps(options).encode(), b"")

    monkeypatch.setattr(client_module, "run", call)
    found = {"GraphDriver": {"Name": driver, "Data": {"UpperDir": str(tmp_path)}}}
    assert readable_upper(DOCKER, found) == (tmp_path if readable else None)
    assert (
        readable_upper(
            DOCKER,
            {"GraphDriver": {"Name": driver, "Data": {"UpperDir": str(tmp_path / "elsewhere")}}},
        )
        is None
    )
