"""Package managers as they are, in a namespace whose only way out is the egress proxy: each finds
it by its environment.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uv

from careen.engines.network.egress import ENVIRONMENT, ByteBudget, EgressProxy
from careen.engines.network.egress_route import EgressPolicy
from careen.tools.addresses import Permit
from tests.support.npm_registry import NpmPackages
from tests.support.own_network import inside, own_network
from tests.support.python_envs import Dummy, Server
from tests.support.rpm_repositories import make_repository, make_signer, spec

pytestmark = pytest.mark.root

REFUSED = "403"


def run(argv: list[str], url: str, folder: Path, *, named: bool) -> tuple[int, str]:
    """Run a program in a namespace of its own; the user has named the source at `url`, or not."""
    policy = EgressPolicy(Permit.of([url]) if named else Permit())
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "no_proxy": "*", **ENVIRONMENT}
    with own_network() as network:
        proxy = EgressProxy(network, policy, ByteBudget())
        try:
            done = inside(
                network,
                lambda: subprocess.run(  # noqa: TID251
                    argv,
                    cwd=folder,
                    env=variables,
                    capture_output=True,
                    text=True,
                    timeout=50,
                    check=False,
                ),
            )
        finally:
            proxy.close()
    return done.returncode, done.stdout + done.stderr


@contextmanager
def served(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pip(url: str) -> list[str]:
    words = [
        "download",
        "--no-deps",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--retries",
        "0",
        "--index-url",
        url,
    ]
    return [
        sys.executable,
        "-m",
        "pip",
        *words,
        "--trusted-host",
        str(urlsplit(url).hostname),
        "alpha",
    ]


def uvs(url: str) -> list[str]:
    words = [
        "pip",
        "install",
        "--no-cache",
        "--no-config",
        "--python",
        sys.executable,
        "--target",
        "there",
        "--index-url",
        url,
    ]
    return [uv.find_uv_bin(), *words, "alpha"]


@pytest.mark.parametrize(
    ("tool", "left"), [(pip, "*.whl"), (uvs, "there/alpha/__init__.py")], ids=["pip", "uv"]
)
def test_python(tool: Callable[[str], list[str]], left: str, tmp_path: Path) -> None:
    with Server([Dummy("alpha", "1.1")]) as server:
        status, said = run(tool(server.url), server.url, tmp_path, named=False)
        assert (status != 0, server.asked) == (True, []), said
        assert run(tool(server.url), server.url, tmp_path, named=True)[0] == 0
        assert list(tmp_path.glob(left))


@pytest.mark.npm
def test_npm(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("alpha", "1.1.0")

    class Registry(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = f"http://{self.headers['Host']}"
            body = (
                packages.archives["alpha"]["1.1.0"]
                if self.path.endswith(".tgz")
                else json.dumps(packages.packument("alpha", address)).encode()
            )
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with served(Registry) as url:
        argv = [
            "npm",
            "pack",
            "alpha",
            "--registry",
            url,
            "--fetch-retries",
            "0",
            "--no-update-notifier",
            "--cache",
            "cache",
        ]
        status, said = run(argv, url, tmp_path, named=False)
        assert (status != 0, REFUSED in said, list(tmp_path.glob("*.tgz"))) == (True, True, []), (
            said
        )
        status, said = run(argv, url, tmp_path, named=True)
        assert status == 0, said
        assert list(tmp_path.glob("*.tgz"))


@pytest.mark.rpm
def test_dnf(tmp_path: Path) -> None:
    make_signer(tmp_path)
    place = make_repository(tmp_path, "packages", [spec("alpha", "1.1")])
    handler = functools.partial(_Quiet, directory=str(place))
    with served(handler) as url:
        settings = [
            "reposdir=/nonexistent",
            f"cachedir={tmp_path}/cache",
            f"persistdir={tmp_path}/state",
            "retries=1",
            "pluginpath=/nonexistent",
        ]
        words = [f"--setopt={each}" for each in (*settings, "here.skip_if_unavailable=false")]
        argv = [
            "dnf",
            "--releasever=1",
            *words,
            f"--repofrompath=here,{url}",
            "--repo=here",
            "repoquery",
            "alpha",
        ]
        status, said = run(argv, url, tmp_path, named=False)
        assert (status != 0, REFUSED in said) == (True, True), said
        status, said = run(argv, url, tmp_path, named=True)
        assert (status, "alpha-0:1.1-1.noarch" in said) == (0, True), said


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""
