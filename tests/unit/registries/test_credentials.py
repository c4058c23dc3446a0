"""Where the login of a registry comes from."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from careen.oci.reference import in_registry
from careen.registries.credentials import Login, environment_of_logins, login_for

IMAGE = in_registry("r.example:5000/team/web:1")
HELPER = """#!/bin/sh
test "$1" = get || exit 1
read -r server
case "$server" in
  r.example:5000) echo '{"ServerURL": "x", "Username": "helped", "Secret": "s3"}' ;;
  https://index.docker.io/v1/) echo '{"Username": "<token>", "Secret": "t"}' ;;
  *) echo 'credentials not found'; exit 1 ;;
esac
"""


def auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of credentials, and a directory on PATH with the helper `test`."""
    helper = tmp_path / "bin" / "docker-credential-test"
    helper.parent.mkdir()
    helper.write_text(HELPER)
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}:/usr/bin:/bin")
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    return tmp_path / "auth.json"


def login(config: Path, document: Any, name: str = IMAGE.name) -> Login | None:
    config.write_text(json.dumps(document))
    return login_for(in_registry(name))


def test_the_most_specific_entry_counts(config: Path) -> None:
    logins = {
        "r.example:5000": auth("all", "1"),
        "r.example:5000/team": auth("team", "2:3"),
        "r.example:5000/other": auth("other", "4"),
    }
    assert login(config, {"auths": logins}) == Login("team", "2:3")
    assert login(config, {"auths": logins}, "r.example:5000/x") == Login("all", "1")
    assert login(config, {"auths": logins}, "r.example/team/web") is None


def test_the_public_registry_has_dockers_own_key(config: Path) -> None:
    document = {"auths": {"https://index.docker.io/v1/": auth("me", "pw")}}
    assert login(config, document, "alpine") == Login("me", "pw")


@pytest.mark.parametrize(
    "document",
    [
        {"credsStore": "test", "auths": {"r.example:5000": {}}},
        {"credHelpers": {"r.example:5000": "test"}},
    ],
)
def test_a_helper_is_asked(config: Path, document: Any) -> None:
    assert login(config, document) == Login("helped", "s3")


@pytest.mark.parametrize(
    "document",
    [
        {"credsStore": "missing"},
        {"credHelpers": {"r.example:5000": "../bin/docker-credential-test"}},
        {"auths": {"r.example:5000": {"auth": "!!!"}}},
        {"auths": []},
        [],
    ],
)
def test_what_gives_no_login_is_no_error(config: Path, document: Any) -> None:
    assert login(config, document) is None


def test_a_token_of_a_helper_is_no_password(config: Path) -> None:
    assert login(config, {"credsStore": "test"}, "alpine") is None
    assert login(config, {"credsStore": "test"}, "unknown.example/a") is None


def test_the_files_of_podman_and_docker_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path))
    places = (".docker/config.json", ".config/containers/auth.json", "run/containers/auth.json")
    for number, place in enumerate(places):
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"auths": {"r.example:5000": auth(f"user{number}", "pw")}}))
        found = login_for(IMAGE)
        assert found is not None
        assert found.user == f"user{number}"


def test_a_login_shows_no_secret() -> None:
    shown = Login("me", "pw")
    assert "pw" not in repr(shown) + str(shown)
    assert shown.basic == "Basic bWU6cHc="


@pytest.mark.parametrize(
    ("refusal", "given", "expected"),
    [
        (PermissionError(), {}, "/"),
        (FileNotFoundError(), {}, None),
        (None, {}, None),
        (PermissionError(), {"XDG_RUNTIME_DIR": "/run/user/1"}, None),
        (PermissionError(), {"REGISTRY_AUTH_FILE": "/x/auth.json"}, None),
    ],
)
def test_a_directory_of_logins_that_is_root_s_alone_does_not_stop_skopeo(
    refusal: OSError | None,
    given: dict[str, str],
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    def lstat(path: Path) -> None:
        assert str(path) == f"/run/containers/{os.getuid()}/auth.json"
        if refusal is not None:
            raise refusal

    monkeypatch.setattr(Path, "lstat", lstat)
    found = environment_of_logins()
    assert (None if found is None else found["XDG_RUNTIME_DIR"]) == expected
