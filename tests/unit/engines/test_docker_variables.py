"""How an engine's client is given the variables of a new container."""

import os

import pytest

from careen.engines.client.variables import variables
from careen.errors import InputError


def test_values_are_in_a_file_and_not_among_the_words() -> None:
    with variables(("TOKEN= a=b #c ", "EMPTY=", "FROM_HERE", "TOKEN=last")) as given:
        assert given.words == ("--env-file", "/dev/stdin", "--env", "FROM_HERE")
        assert given.stdin is not None
        assert given.stdin.read() == b"TOKEN=last\nEMPTY=\n"
        assert given.environment is None


@pytest.mark.parametrize("value", ["two\nlines", "ends in\r", "no text \udc80", "long" * 20_000])
def test_what_a_file_cannot_hold_is_in_the_clients_environment(value: str) -> None:
    with variables((f"KEY={value}",)) as given:
        assert given.words == ("--env", "KEY")
        assert given.stdin is None
        assert given.environment == {**os.environ, "KEY": value}


def test_without_variables_there_is_nothing() -> None:
    with variables(()) as given:
        assert (given.words, given.stdin, given.environment) == ((), None, None)


@pytest.mark.parametrize(
    "item",
    ["=secret", "A=secret\0", "DOCKER_HOST=secret\n", "https_proxy=secret\n", "PATH=secret\n"],
)
def test_what_cannot_be_given_is_refused_without_its_value(item: str) -> None:
    with pytest.raises(InputError, match="-e") as caught, variables((item,)):
        pass
    assert "secret" not in str(caught.value)
    assert "docker" not in str(caught.value)  # it may be podman
