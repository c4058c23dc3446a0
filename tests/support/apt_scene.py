"""A root with packages of version 1 and a signed archive with those of version 2, over HTTP."""

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.inventory.scan import scan
from careen.model.patching import Aim, PatchChoices
from careen.patch.port import Ground
from careen.patch.sandbox import INSIDE, Sandbox
from tests.support.apt_root import ChrootContainer, make_root
from tests.support.deb_archive import Deb, build_deb, make_key, write_archive
from tests.support.directories import rootfs_of

ASKS = (
    "#!/bin/sh\n/usr/sbin/policy-rc.d foo start\necho $? > /var/lib/policy-said\necho old >"
    " /etc/made.conf.dpkg-old\n"
)
FAILS = "#!/bin/sh\necho starting the migration\necho cannot reach the thing >&2\nexit 3\n"
DOC = {"/usr/share/doc/foo/copyright": "free"}

OLD = (
    Deb(
        "foo",
        "1.0",
        {"Depends": "libfoo (>= 1.0)"},
        {"/usr/bin/foo": "foo 1.0", "/etc/foo.conf": "a=1\n", **DOC},
    ),
    Deb(
        "libfoo",
        "1.0",
        {"Source": "foo-src (1.0)"},
        {"/usr/lib/libfoo.so.1.0": "1.0"},
        links={"/usr/lib/libfoo.so.1": "libfoo.so.1.0"},
    ),
    Deb("kept", "1.0"),
    Deb("lib", "1.0"),
    Deb("strict", "1.0", {"Depends": "lib (= 1.0)"}),
    Deb("bar", "1.0"),
    Deb("baz", "1.0"),
    Deb("bad", "1.0"),
    Deb("pin", "1.0"),
    Deb(
        "plain",
        "1.0",
        files={"/usr/lib/plain/a": "a1", "/usr/lib/plain/b": "b1", "/usr/lib/plain/old": "o"},
    ),
)
NEW = (
    Deb(
        "foo",
        "1.1",
        {"Depends": "libfoo (>= 1.1), extra"},
        {"/usr/bin/foo": "foo 1.1", "/etc/foo.conf": "a=2\n", **DOC},
        {"postinst": ASKS},
    ),
    Deb(
        "libfoo",
        "1.1",
        {"Source": "foo-src (1.1)"},
        {"/usr/lib/libfoo.so.1.1": "1.1"},
        links={"/usr/lib/libfoo.so.1": "libfoo.so.1.1"},
    ),
    Deb("extra", "2"),
    Deb("kept", "1.1"),
    Deb("lib", "1.1"),
    Deb("bar", "1.1", {"Conflicts": "baz"}),
    Deb("bad", "1.1", scripts={"postinst": FAILS}),
    Deb("pin", "1.1"),
    Deb(
        "plain",
        "1.1",
        files={"/usr/lib/plain/a": "a2", "/usr/lib/plain/b": "b2", "/usr/lib/plain/fresh": "f"},
    ),
)
SET_UP = "dpkg -i /tmp/*.deb && rm /tmp/*.deb && apt-mark hold kept && apt-mark auto libfoo"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Scene:
    """`root` is as it was installed and is not to be changed; `key` is the archive's, `other_key`
    one that nobody knows.
    """

    root: Path
    archive: Path
    uri: str
    key: Path
    other_key: Path
    gpg: Path
    built: tuple[tuple[Deb, Path], ...]
    architecture: str

    def sign(self, *, days: float = 7, signed: bool = True) -> None:
        """Write the index again."""
        write_archive(
            self.archive,
            self.built,
            self.gpg if signed else None,
            architecture=self.architecture,
            days=days,
        )

    def choices(self, suite: str = "test", options: str = "") -> PatchChoices:
        return PatchChoices(
            sources=(f"deb {options} {self.uri} {suite} main",), keys=(str(self.key),)
        )


@contextmanager
def scene(directory: Path) -> Iterator[Scene]:
    """Build it all; serve the archive until the end."""
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    root, debs, archive = directory / "root", directory / "debs", directory / "archive"
    debs.mkdir()
    make_root(root)
    old = [build_deb(deb, debs) for deb in OLD]
    built = tuple((deb, build_deb(deb, debs)) for deb in NEW)
    for path in old:
        shutil.copy(path, root / "tmp" / path.name)
    done = ChrootContainer(root).exec(("sh", "-c", SET_UP), 120)
    assert done.status == 0, done.output
    (root / "etc/foo.conf").write_text("a=mine\n")
    (root / "etc/apt/preferences.d/pin").write_text(
        "Package: pin\nPin: version 1.1\nPin-Priority: -1\n"
    )
    handler = functools.partial(_Quiet, directory=str(archive))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        uri = f"http://127.0.0.1:{server.server_port}"
        made = Scene(
            root,
            archive,
            uri,
            make_key(directory / "gpg"),
            make_key(directory / "gpg2"),
            directory / "gpg",
            built,
            architecture,
        )
        made.sign()
        yield made
        server.shutdown()
        thread.join()


def copy_root(root: Path, to: Path) -> Path:
    subprocess.check_call(["cp", "-a", "--reflink=auto", str(root), str(to)])
    return to


def sandbox(root: Path) -> Sandbox:
    scratch = root / INSIDE.lstrip("/")
    scratch.mkdir(exist_ok=True)
    return Sandbox(ChrootContainer(root), scratch)


def ground(root: Path, choices: PatchChoices) -> Ground:
    rootfs = rootfs_of(root)
    return Ground(rootfs, scan(rootfs), choices)


def aims(scene_ground: Ground, names: Sequence[str], fix: str = "1.1") -> list[Aim]:
    packages = sorted(scene_ground.inventory.packages.values(), key=lambda package: package.name)
    return [
        Aim(
            each.purl,
            each.name,
            each.version,
            each.ecosystem,
            {f"CVE-{each.name}": (fix,)},
            each.source,
        )
        for each in packages
        if each.name in names
    ]
