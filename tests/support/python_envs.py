"""Real virtual environments, wheels made on the spot, a simple index that can misbehave, and a
"container" that runs commands here.
"""

import base64
import hashlib
import http.server
import io
import os
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from careen.inventory.python import find as python_finder
from careen.inventory.python import vendored as python_vendored
from careen.inventory.scan import scan
from careen.model.entry import Entry, EntryKind
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, PatchChoices
from careen.model.paths import ImagePath, ancestors
from careen.model.runs.engine import CommandResult, Container
from careen.oci.tree.rootfs import Rootfs
from careen.patch.policy import Policy
from careen.patch.port import Ground
from careen.patch.python.patcher import PythonPatcher, find
from careen.patch.sandbox import INSIDE, Sandbox
from careen.tools import process
from tests.support.local_container import LocalContainer

PYTHON = os.path.realpath(sys.executable)
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Dummy:
    """A distribution with one module of its name (`VERSION = …`); `scripts` are console scripts
    that call its `main`.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    tag: str = "py3-none-any"
    python: str = ""
    extra: Mapping[str, bytes] = field(default_factory=dict)
    written: str = ""

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.version}-{self.tag}.whl"

    @property
    def info(self) -> str:
        return f"{self.name}-{self.version}.dist-info"

    def files(self) -> dict[str, bytes]:
        lines = [
            "Metadata-Version: 2.1",
            f"Name: {self.name}",
            f"Version: {self.written or self.version}",
            *(f"Requires-Dist: {line}" for line in self.requires),
        ]
        lines += [f"Requires-Python: {self.python}"] if self.python else []
        out = {
            f"{self.name}/__init__.py": (
                f"VERSION = {self.version!r}\n\n\ndef main():\n    print(VERSION)\n".encode()
            ),
            f"{self.info}/METADATA": ("\n".join(lines) + "\n").encode(),
            f"{self.info}/WHEEL": (
                f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {self.tag}\n".encode()
            ),
            **self.extra,
        }
        if self.scripts:
            text = "".join(f"{script} = {self.name}:main\n" for script in self.scripts)
            out[f"{self.info}/entry_points.txt"] = f"[console_scripts]\n{text}".encode()
        return out

    def wheel(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            rows = []
            for path, content in sorted(self.files().items()):
                archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content)
                rows.append(_row(path, content))
            archive.writestr(
                zipfile.ZipInfo(f"{self.info}/RECORD", (2024, 1, 1, 0, 0, 0)),
                "".join(rows) + f"{self.info}/RECORD,,\n",
            )
        return out.getvalue()


def _row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def make_venv(top: Path, dists: Sequence[Dummy], config: str = "", installer: str = "pip") -> Path:
    """Make a virtual environment without pip and with these distributions, as an installer leaves
    them.
    """
    site = top / "lib" / f"python{VERSION}" / "site-packages"
    site.mkdir(parents=True)
    (top / "bin").mkdir()
    for name in ("python", "python3", f"python{VERSION}"):
        (top / "bin" / name).symlink_to(PYTHON)
    (top / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(PYTHON)}\ninclude-system-site-packages = false\n{config}"  # noqa: PTH120
    )
    for dist in dists:
        install(site, dist, top / "bin", installer)
    return top


def install(site: Path, dist: Dummy, scripts: Path, installer: str = "pip") -> None:
    rows = []
    files = {**dist.files(), f"{dist.info}/INSTALLER": f"{installer}\n".encode()}
    for path, content in files.items():
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        rows.append(_row(path, content))
    for script in dist.scripts:
        text = f"#!{scripts}/python\nfrom {dist.name} import main\nmain()\n".encode()
        (scripts / script).write_bytes(text)
        (scripts / script).chmod(0o755)
        rows.append(_row(os.path.relpath(scripts / script, site), text))
    (site / dist.info / "RECORD").write_text("".join(rows) + f"{dist.info}/RECORD,,\n")


class _HostContent:
    def open(self, entry: Entry) -> BinaryIO:
        return Path(entry.path).open("rb")


def rootfs_here(*tops: Path) -> Rootfs:
    """Return these directories of this machine, and its Python, under the paths that they have
    here.
    """
    entries: dict[ImagePath, Entry] = {}
    for number, path in enumerate(
        [each for top in tops for each in (top, *sorted(top.rglob("*")))] + [Path(PYTHON)]
    ):
        found = path.lstat()
        kind = (
            EntryKind.SYMLINK
            if path.is_symlink()
            else EntryKind.DIRECTORY
            if path.is_dir()
            else EntryKind.FILE
        )
        target = str(path.readlink()) if path.is_symlink() else ""
        here = ImagePath(str(path))
        entries[here] = Entry(
            here,
            kind,
            found.st_mode & 0o7777,
            found.st_uid,
            found.st_gid,
            found.st_size,
            0.0,
            0,
            number,
            target,
        )
        for above in ancestors(here):
            entries.setdefault(above, Entry(above, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, 0, 0))
    return Rootfs(entries, _HostContent())


class HereContainer(LocalContainer):
    """Runs commands here; the bench's directory is replaced by where it really is, in the files
    that lie in it too.
    """

    def __init__(self, scratch: Path) -> None:
        super().__init__(["true"])
        self.scratch = scratch
        self.commands: list[tuple[str, ...]] = []
        self.variables: dict[str, str] = {}
        self.has_libc_of_uv = True

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        self.commands.append(argv)
        self.variables |= env or {}
        if argv[0].endswith("/uv") and not self.has_libc_of_uv:
            return CommandResult(
                126, "exec: no such file or directory"
            )  # what an image of another libc says of its interpreter
        for path in (self.scratch / "python").glob("*.json"):
            path.write_text(path.read_text().replace(INSIDE, str(self.scratch)))
        here = [word.replace(INSIDE, str(self.scratch)) for word in argv]
        inherited = {"PATH": os.environ["PATH"], "HOME": str(self.scratch)}
        done = process.run(
            here,
            timeout=timeout,
            env={
                **inherited,
                **{
                    key: value.replace(INSIDE, str(self.scratch))
                    for key, value in (env or {}).items()
                },
            },
        )
        return CommandResult(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)


@dataclass
class Site:
    """An environment with a patcher and a bench over it."""

    top: Path
    patcher: PythonPatcher
    sandbox: Sandbox
    container: HereContainer

    def aim(self, name: str, **fixes: str) -> Aim:
        """Return an aim at an installed distribution: finding = the version that fixes it."""
        dist = next(dist for dist in self.patcher.environment.dists.values() if dist.name == name)
        known = {finding: tuple(fix.split()) for finding, fix in fixes.items()}
        return Aim(dist.package.purl, name, dist.installed.version, Ecosystem.PYPI, known)

    def read(self, path: str) -> str:
        return (self.top / "lib" / f"python{VERSION}" / "site-packages" / path).read_text()


@contextmanager
def site(
    tmp_path: Path,
    dists: Sequence[Dummy],
    choices: PatchChoices,
    config: str = "",
    installer: str = "pip",
) -> Iterator[Site]:
    """Hold an environment with these distributions, ready to be patched."""
    top = make_venv(tmp_path / "venv", dists, config, installer)
    with on_ground(top, choices, tmp_path) as held:
        yield held


@contextmanager
def on_ground(
    top: Path,
    choices: PatchChoices,
    tmp_path: Path,
    *,
    embedded: bool = False,
    policy: Policy | None = None,
) -> Iterator[Site]:
    rootfs = rootfs_here(top)
    finders = (python_finder, python_vendored) if embedded else (python_finder,)
    ground = Ground(rootfs, scan(rootfs, finders), choices, policy or Policy())
    scratch = tmp_path / "sandbox"
    scratch.mkdir()
    with HereContainer(scratch) as container:
        patcher = next(each for each in find(ground) if isinstance(each, PythonPatcher))
        as_container: Container = container
        yield Site(
            top,
            patcher,
            Sandbox(as_container, scratch, {"SOURCE_DATE_EPOCH": "1700000000"}),
            container,
        )


class Server:
    """A simple index over wheels. `broken` maps a part of a path to what is answered: a status,
    `garbage`, `hang`; `login` is `user:word`.
    """

    def __init__(
        self,
        dists: Sequence[Dummy],
        broken: Mapping[str, int | str] | None = None,
        login: str = "",
        yanked: Sequence[str] = (),
    ) -> None:
        self.files = {dist.filename: dist.wheel() for dist in dists}
        self.broken = dict(broken or {})
        self.login = login
        self.yanked = yanked
        self.asked: list[str] = []
        self.lies: dict[str, str] = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                wanted = "Basic " + base64.b64encode(outer.login.encode()).decode()
                if outer.login and self.headers.get("Authorization") != wanted:
                    self._answer(401, b"who are you", "text/plain")
                    return
                for part, how in outer.broken.items():
                    if part in self.path:
                        if how == "hang":
                            time.sleep(2.0)
                            return
                        self._answer(
                            how if isinstance(how, int) else 200,
                            b"\x00\xffgarbage" * 9,
                            "text/html",
                        )
                        return
                if self.path.startswith("/files/"):
                    content = outer.files.get(self.path.removeprefix("/files/"))
                    self._answer(
                        200 if content is not None else 404,
                        content or b"",
                        "application/octet-stream",
                    )
                    return
                project = self.path.strip("/").rpartition("/")[2]
                names = [
                    name for name in outer.files if name.split("-")[0].replace("_", "-") == project
                ]
                self._answer(200 if names else 404, outer.page(names).encode(), "text/html")

            def _answer(self, status: int, content: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            def do_HEAD(self) -> None:
                self.do_GET()

            # the base class's word
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def page(self, names: Sequence[str]) -> str:
        rows = []
        for name in names:
            digest = self.lies.get(name) or hashlib.sha256(self.files[name]).hexdigest()
            yanked = ' data-yanked=""' if name in self.yanked else ""
            rows.append(f'<a href="/files/{name}#sha256={digest}"{yanked}>{name}</a>')
        return f"<!DOCTYPE html><html><body>{''.join(rows)}</body></html>"

    @property
    def url(self) -> str:
        host = f"127.0.0.1:{self._server.server_address[1]}"
        return f"http://{self.login}@{host}/simple" if self.login else f"http://{host}/simple"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
