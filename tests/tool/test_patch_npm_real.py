"""Patching with npm itself: a registry on this machine, a project that npm installed, and npm's own
word on what came of it.
"""

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from careen.errors import ToolError
from careen.inventory.node import find as node
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.patching import Aim, PatchChoices
from careen.model.runs.engine import CommandResult, Container
from careen.patch.npm.patcher import find
from careen.patch.npm.ranges import is_range, satisfies
from careen.patch.port import Ground, Patcher
from careen.patch.sandbox import INSIDE, Sandbox
from tests.support.npm_registry import NpmPackages
from tests.support.trees import Link, tree

pytestmark = pytest.mark.npm


@dataclass
class Server:
    """The registry. `wrong` maps a path's end to the status and body that it answers with
    instead.
    """

    packages: NpmPackages
    address: str = ""
    wrong: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def answer(self, path: str) -> tuple[int, bytes]:
        for end, said in self.wrong.items():
            if path.endswith(end):
                return said
        name, _, file = path.lstrip("/").replace("%2f", "/").partition("/-/")
        if name not in self.packages.documents:
            return 404, b"{}"
        if not file:
            return 200, json.dumps(self.packages.packument(name, self.address)).encode()
        return 200, self.packages.archives[name][file.removesuffix(".tgz").rpartition("-")[2]]


@pytest.fixture
def server() -> Iterator[Server]:
    packages = NpmPackages()
    packages.add(
        "lib",
        "1.0.0",
        dependencies={"dep": "^1.0.0"},
        bin={"lib": "cli.js"},
        files={"cli.js": b"#!/usr/bin/env node\n"},
    )
    packages.add(
        "lib",
        "1.0.1",
        dependencies={"dep": "^2.0.0"},
        bin={"lib": "cli.js"},
        files={"cli.js": b"#!/usr/bin/env node\r\nx\n"},
        engines={"node": ">=4"},
    )
    packages.add("dep", "1.0.0")
    packages.add("dep", "2.0.0", funding="https://example.org/fund")
    packages.add("tester", "1.0.0", dependencies={"lib": "1.x"})
    found = Server(packages)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = found.answer(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@dataclass
class Here:
    """This machine in the place of a container: the bench's directory is where it is."""

    scratch: Path

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        def here(word: str) -> str:
            return word.replace(INSIDE, str(self.scratch))

        given = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.scratch),
            **{name: here(value) for name, value in (env or {}).items()},
        }
        done = subprocess.run(  # noqa: TID251
            [here(word) for word in argv],
            env=given,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return CommandResult(done.returncode, (done.stdout + done.stderr).decode())


def npm(directory: Path, server: Server, *words: str) -> str:
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(directory.parent),
        "npm_config_registry": server.address,
        "npm_config_loglevel": "silent",
    }
    given = ["npm", "--prefix", str(directory), *words, "--no-audit", "--no-fund"]
    return subprocess.run(  # noqa: TID251
        given, env=env, capture_output=True, check=False, cwd=directory
    ).stdout.decode()


def installed(directory: Path) -> dict[str, bytes | str | Link | None]:
    files: dict[str, bytes | str | Link | None] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_symlink():
            files[f"/app/{path.relative_to(directory)}"] = Link(str(path.readlink()))
        elif path.is_file():
            files[f"/app/{path.relative_to(directory)}"] = path.read_bytes()
    return files


def project(directory: Path, server: Server) -> dict[str, bytes | str | Link | None]:
    """A project in which npm installed version 1.0.0 of `lib`, and nothing for development."""
    directory.mkdir()
    stated = {
        "name": "app",
        "version": "1.0.0",
        "dependencies": {"lib": "1.0.0", "dep": "^1.0.0"},
        "devDependencies": {"tester": "1.0.0"},
    }
    manifest = directory / "package.json"
    manifest.write_text(json.dumps(stated, indent=2) + "\n")
    npm(directory, server, "install", "--package-lock-only")
    for file in (manifest, directory / "package-lock.json"):
        file.write_text(file.read_text().replace('"lib": "1.0.0"', '"lib": "^1.0.0"'))
    npm(directory, server, "ci", "--omit=dev")
    return installed(directory)


def patcher(
    files: Mapping[str, bytes | str | Link | None], server: Server
) -> tuple[Patcher, list[Aim]]:
    rootfs = tree(files)
    inventory = Inventory({each.purl: each for each in node.find(rootfs).packages}, {})
    found, *_ = find(Ground(rootfs, inventory, PatchChoices(npm_registry=server.address)))
    return found, [
        Aim(each.purl, each.name, each.version, Ecosystem.NPM, {"CVE-1": ("1.0.1",)})
        for each in inventory.packages.values()
        if each.name == "lib"
    ]


def test_npm_finds_the_patched_project_as_its_lock_file_has_it(
    tmp_path: Path, server: Server
) -> None:
    directory, scratch = tmp_path / "app", tmp_path / "scratch"
    files = project(directory, server)
    scratch.mkdir()
    sandbox = Sandbox(cast("Container", Here(scratch)), scratch)
    work, aims = patcher(files, server)
    proposal = work.propose(aims, sandbox)
    assert [(each.name, each.installed, each.target) for each in proposal.upgrades] == [
        ("dep", "", "2.0.0"),
        ("lib", "1.0.0", "1.0.1"),
    ]
    applied = work.apply(proposal.upgrades, sandbox)
    assert applied.versions == {"npm /app:dep": "2.0.0", "npm /app:lib": "1.0.1"}
    for gone in applied.removed:
        path = directory / gone.removeprefix("/app/")
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for placed in applied.placed:
        path = directory / placed.entry.path.removeprefix("/app/")
        if placed.entry.is_dir:
            path.mkdir(exist_ok=True)
        elif not placed.entry.is_symlink:
            path.write_bytes(placed.content)
            path.chmod(placed.entry.mode)
    lock = (directory / "package-lock.json").read_text()
    listed = json.loads(npm(directory, server, "ls", "--all", "--omit=dev", "--json"))
    assert "problems" not in listed
    patched = installed(directory)
    npm(
        directory, server, "ci", "--omit=dev"
    )  # npm installs again from the lock file that careen wrote: the same files
    again = installed(directory)
    assert {path: again[path] for path in again if ".package-lock" not in path} == {
        path: patched[path] for path in patched if ".package-lock" not in path
    }
    npm(directory, server, "install", "--package-lock-only")
    assert (directory / "package-lock.json").read_text() == lock


@pytest.mark.parametrize(
    ("end", "said", "message"),
    [
        ("/lib", (500, b"down"), r"asking npm for the versions of lib: E500 "),
        ("lib-1.0.1.tgz", (200, b"another archive"), r"with npm: EINTEGRITY "),
    ],
)
def test_a_registry_that_fails_is_an_error_and_nothing_is_placed(
    tmp_path: Path, server: Server, end: str, said: tuple[int, bytes], message: str
) -> None:
    files: dict[str, bytes | str | Link | None] = {
        "/app/package.json": '{"name": "app", "dependencies": {"lib": "^1.0.0"}}',
        "/app/node_modules/lib/package.json": '{"name": "lib", "version": "1.0.0"}',
    }
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    soon = {"npm_config_fetch_retry_mintimeout": "10"}  # milliseconds; npm waits 10 s otherwise
    sandbox = Sandbox(cast("Container", Here(scratch)), scratch, soon)
    work, aims = patcher(files, server)
    server.wrong[end] = said
    with pytest.raises(ToolError, match=message):
        work.apply(work.propose(aims, sandbox).upgrades, sandbox)


def test_ranges_are_read_as_npm_reads_them() -> None:
    specs = [
        "^1.2.3",
        "~1.2",
        "1.x || >=2.5.0 <3",
        "1.2.3 - 2",
        "^0.0.3",
        "^0.2",
        ">1",
        "<=2.0",
        "*",
        "",
        "^1.2.3-beta.2",
        "~> 1.2",
        ">=1.2.3-a <1.2.4",
        "=v1.2.3",
        "x || 3",
    ]
    versions = [
        "0.0.3",
        "0.0.4",
        "0.2.9",
        "1.0.0",
        "1.2.2",
        "1.2.3",
        "1.2.3-beta.2",
        "1.2.3-b",
        "1.2.9",
        "1.3.0",
        "2.0.0",
        "2.0.5",
        "2.5.0",
        "3.0.0",
        "3.0.0-rc.1",
    ]
    root = Path(shutil.which("npm") or "").resolve().parent.parent
    script = (
        f"const s=require('{root}/node_modules/semver');const [a,b]=JSON.parse(process.argv[1]);"
        "console.log(JSON.stringify(a.map(r=>b.map(v=>s.satisfies(v,r)))))"
    )
    said = subprocess.check_output(["node", "-e", script, json.dumps([specs, versions])])
    assert [[satisfies(version, spec) for version in versions] for spec in specs] == json.loads(
        said
    )
    assert not any(
        is_range(spec)
        for spec in (
            "git+https://example.org/x.git",
            "file:../x",
            "https://example.org/x.tgz",
            "user/repository",
        )
    )
