"""Debian's registry on a free port of this machine: HTTPS by an authority of its own, and one
account.
"""

import base64
import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "careen", "open-sesame-4711"
# `PASSWORD` in bcrypt, which is all that the registry reads.
_HTPASSWD = f"{USER}:$2b$05$abcdefghijklmnopqrstuud2L8crwTyOxFi9P3yYYIG5bIITxThTG\n"
_EXTENSIONS = """subjectAltName=IP:127.0.0.1,DNS:localhost
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in a folder, and the certificates that it signs for this machine."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.crt"

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        authority = cls(folder)
        _openssl(
            *("req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=authority of a test"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(folder / "ca.key"), "-out", str(authority.certificate)),
        )
        (folder / "extensions").write_text(_EXTENSIONS)
        return authority

    def sign(self, name: str, *, expired: bool = False) -> tuple[Path, Path]:
        """Return a new certificate for this machine, and its key."""
        key, request, out = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        dates = (
            ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z")
            if expired
            else ("-days", "1")
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-out", str(out), *dates),
            *("-CA", str(self.certificate), "-CAkey", str(self.folder / "ca.key")),
            *("-CAcreateserial", "-extfile", str(self.folder / "extensions")),
        )
        return out, key


@dataclass(frozen=True, slots=True)
class Registry:
    """A running registry at `host`; `env` lets careen and skopeo use it."""

    host: str
    folder: Path
    env: Mapping[str, str]

    def image(self, name: str) -> str:
        """The name of an image in this registry, as careen and skopeo read it."""
        return f"docker://{self.host}/{name}"

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository, as the registry stores them."""
        tags = self.folder / "docker/registry/v2/repositories" / repository / "_manifests/tags"
        return sorted(path.name for path in tags.iterdir()) if tags.is_dir() else []

    def tagged(self, repository: str, tag: str) -> str:
        """The digest that a tag has now."""
        tags = self.folder / "docker/registry/v2/repositories" / repository / "_manifests/tags"
        return (tags / tag / "current" / "link").read_text()

    def blob(self, digest: str) -> Path:
        """Where a blob is stored."""
        hexadecimal = digest.removeprefix("sha256:")
        root = self.folder / "docker/registry/v2/blobs/sha256"
        return root / hexadecimal[:2] / hexadecimal / "data"

    def skopeo(self, *words: str) -> str:
        """Run skopeo with the registry's account and authority."""
        done = subprocess.run(  # noqa: TID251
            ["skopeo", *words],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def write_login(path: Path, *hosts: str, password: str = PASSWORD) -> Path:
    """Write a credential file for some registries."""
    login = base64.b64encode(f"{USER}:{password}".encode()).decode()
    path.write_text(json.dumps({"auths": {host: {"auth": login} for host in hosts}}))
    return path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def debian_registry(
    folder: Path, authority: Authority, name: str = "registry"
) -> Iterator[Registry]:
    """Run a registry that stores in `folder`."""
    certificate, key = authority.sign(name)
    host = f"127.0.0.1:{free_port()}"
    storage = folder / "storage"
    storage.mkdir(parents=True)
    (folder / "htpasswd").write_text(_HTPASSWD)
    config = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(storage)}},
        "http": {"addr": host, "tls": {"certificate": str(certificate), "key": str(key)}},
        "auth": {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(json.dumps(config))
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            ["docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log
        ) as running,
    ):
        try:
            _wait(host, running, folder / "log")
            env = {
                "SSL_CERT_FILE": str(authority.certificate),
                "REGISTRY_AUTH_FILE": str(write_login(folder / "auth.json", host)),
            }
            yield Registry(host, storage, env)
        finally:
            running.terminate()


def _wait(host: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    address, _, port = host.partition(":")
    deadline = time.monotonic() + 20
    while True:
        assert running.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the registry does not start"
        with contextlib.suppress(OSError), socket.create_connection((address, int(port)), 1):
            return
        time.sleep(0.05)


def _openssl(*words: str) -> None:
    done = subprocess.run(  # noqa: TID251
        ["openssl", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
