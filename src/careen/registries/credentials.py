"""The login for a registry, from the files and helpers that skopeo, podman and docker share.

See containers-auth.json(5). Only the one request that skopeo cannot make needs it.
"""

import base64
import binascii
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import CareenError
from careen.oci.documents import as_object, read_json
from careen.oci.reference import RegistryImage
from careen.tools.process import Program, run
from careen.tools.read_file import read_file

_MAX_FILE = 1 << 20
_SECONDS = 30.0
_HUB = ("docker.io", "https://index.docker.io/v1/")


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user and a password; its text shows neither."""

    user: str
    password: str

    @property
    def basic(self) -> str:
        """The header `Authorization` of HTTP's basic scheme."""
        pair = f"{self.user}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def __repr__(self) -> str:
        return "Login(…)"


def login_for(image: RegistryImage) -> Login | None:
    """Return the login for an image, from the first file that has one."""
    for path in _files():
        try:
            config = as_object(read_json(read_file(path, _MAX_FILE), str(path)), str(path))
            found = _in_file(config, image)
        except (CareenError, binascii.Error, ValueError):
            continue
        if found is not None:
            return found
    return None


def environment_of_logins() -> Mapping[str, str] | None:
    """Return the environment in which skopeo finds the logins, or None for careen's own."""
    if os.environ.get("REGISTRY_AUTH_FILE") or os.environ.get("XDG_RUNTIME_DIR"):
        return None
    try:
        _of_no_session().lstat()
    except PermissionError:
        # Root's podman makes /run/containers for root alone, and skopeo then fails for everybody
        # else. With a directory that has no file of logins it goes on to those of the user.
        return {**os.environ, "XDG_RUNTIME_DIR": "/"}
    except OSError:
        pass
    return None


def _of_no_session() -> Path:
    """Return the first file of logins of a user without `XDG_RUNTIME_DIR`."""
    return Path(f"/run/containers/{os.getuid()}/auth.json")


def _files() -> Iterator[Path]:
    named = os.environ.get("REGISTRY_AUTH_FILE")
    if named:
        yield Path(named)
        return
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime) / "containers" / "auth.json"
    else:
        yield _of_no_session()
    home = Path("~").expanduser()
    yield Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"
    yield Path(os.environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"


def _keys(image: RegistryImage) -> Iterator[str]:
    """Yield the keys that may hold an image's login, the most specific first."""
    parts = image.repository.split("/")
    for end in range(len(parts), 0, -1):
        yield "/".join(parts[:end])
    if image.host == _HUB[0]:
        yield _HUB[1]


def _in_file(config: Mapping[str, Any], image: RegistryImage) -> Login | None:
    helpers = as_object(config.get("credHelpers") or {}, "credHelpers")
    logins = as_object(config.get("auths") or {}, "auths")
    for key in _keys(image):
        helper = helpers.get(key)
        if isinstance(helper, str) and (found := _of_helper(helper, key)) is not None:
            return found
        entry = as_object(logins.get(key) or {}, "auths")
        if isinstance(text := entry.get("auth"), str) and text:
            user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
            return Login(user, password)
    store = config.get("credsStore")
    if not isinstance(store, str):
        return None
    server = _HUB[1] if image.host == _HUB[0] else image.host
    return _of_helper(store, server)


def _of_helper(name: str, server: str) -> Login | None:
    """Ask a credential helper; None if it has no login, or is missing."""
    program = Program((f"docker-credential-{name}",), "golang-docker-credential-helpers")
    path = program.path()
    if path is None or "/" in name:
        return None
    with tempfile.TemporaryFile() as asked:
        asked.write(server.encode())
        asked.seek(0)
        done = run((path, "get"), timeout=_SECONDS, stdin=asked)
    if done.status != 0:
        return None
    answer = as_object(read_json(done.stdout, name), name)
    user, password = answer.get("Username"), answer.get("Secret")
    # A user of this name means that the secret is a token for another exchange.
    if not isinstance(user, str) or not isinstance(password, str) or user == "<token>":
        return None
    return Login(user, password)
