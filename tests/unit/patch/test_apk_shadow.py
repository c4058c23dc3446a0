"""apk packages of an image without apk: what the tooling's apk made of the image's database is
placed over the image.
"""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.inventory.apk import find as inventory
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem
from careen.model.patching import PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.apk import find as apk
from careen.patch.distribution.shadow import fill
from careen.patch.port import Ground, Patcher
from careen.patch.sandbox import Sandbox
from tests.support.told import ToldContainer
from tests.support.trees import Exec, Link, tree

INSTALLED = "P:foo\nV:1.0-r0\nA:x86_64\no:foo\nF:usr/lib\nR:libfoo.so\nR:gone\n\nP:bar\nV:1.0-r0\nA:x86_64\n\n"
AFTER = INSTALLED.replace("P:foo\nV:1.0-r0", "P:foo\nV:1.2-r0").replace("R:gone\n", "")


class Tooling(ToldContainer):
    """Says what apk does, and has `root` as what became of the shadow."""

    def __init__(self, root: Mapping[str, bytes]) -> None:
        super().__init__(self._answer)
        self.root = root
        self.laid_out: list[str] = []
        self.infos = iter(("foo-1.0-r0\nbar-1.0-r0\n", "foo-1.2-r0\nbar-1.0-r0\n"))
        self.scratch = Path()

    def _answer(self, argv: tuple[str, ...]) -> tuple[int, str]:
        if argv[0] == "tar":
            with tarfile.open(self.scratch / "shadow/shadow.tar") as tar:
                self.laid_out = tar.getnames()
        if "--version" in argv:
            return 0, "apk-tools 2.14.10, compiled for x86_64.\n"
        if "info" in argv:
            return 0, next(self.infos)
        return 0, "(1/1) Upgrading foo (1.0-r0 -> 1.2-r0)\n" if "add" in argv else "OK\n"

    def changes(self, destination: Path) -> None:
        with tarfile.open(destination, "w", format=tarfile.PAX_FORMAT) as tar:
            for name, content in {
                "etc/hostname": b"tooling",
                **{f".careen-shadow/{name}": content for name, content in self.root.items()},
            }.items():
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), 0o755 if "/bin/" in name else 0o644
                tar.addfile(info, io.BytesIO(content))


def scripts(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return out.getvalue()


def image() -> Rootfs:
    return tree(
        {
            "/lib": Link("usr/lib"),
            "/usr/lib/apk/db/installed": INSTALLED,
            "/usr/lib/libfoo.so": "old",
            "/usr/lib/gone": "x",
            "/etc/apk/world": "foo\n",
            "/usr/bin/app": Exec(b"app"),
        }
    )


def patcher(rootfs: Rootfs) -> Patcher:
    (found,) = apk.find(Ground(rootfs, scan(rootfs, (inventory,)), PatchChoices()))
    return found


def upgrade() -> Upgrade:
    return Upgrade(
        "pkg:apk/alpine/foo@1.0-r0?arch=x86_64",
        "foo",
        Ecosystem.APK,
        "1.0-r0",
        "1.2-r0",
        "apk",
        "apk:foo",
        ("CVE-1",),
    )


def applied(root: Mapping[str, bytes], scratch: Path) -> tuple[Tooling, Sandbox]:
    tooling = Tooling(root)
    tooling.scratch = scratch
    return tooling, Sandbox(
        ToldContainer(lambda argv: pytest.fail(f"run in the image: {argv}")),
        scratch,
        tooling=tooling,
    )


def test_only_what_changed_is_placed(tmp_path: Path) -> None:
    after = {
        "usr/lib/apk/db/installed": AFTER.encode(),
        "usr/lib/apk/db/scripts.tar": scripts(
            "foo-1.2-r0.Q1abc=.post-upgrade",
            "foo-1.2-r0.Q1abc=.post-deinstall",
            "bar-1.0-r0.Q1abc=.post-install",
        ),
        "usr/lib/apk/db/lock": b"",
        "usr/lib/libfoo.so": b"new",
        "etc/apk/world": b"foo=1.2-r0\n",
        "var/cache/apk/x": b"x",
        "lib": b"",
    }
    tooling, sandbox = applied(after, tmp_path)
    done = patcher(image()).apply([upgrade()], sandbox)
    placed: dict[str, bytes] = {
        each.entry.path: each.content for each in done.placed if each.entry.path != "/lib"
    }
    assert placed["/usr/lib/libfoo.so"] == b"new"
    assert placed["/usr/lib/apk/db/installed"] == AFTER.encode()
    assert set(placed) == {
        "/usr/lib/libfoo.so",
        "/usr/lib/apk/db/installed",
        "/usr/lib/apk/db/scripts.tar",
    }
    assert done.removed == ("/usr/lib/gone",)
    assert done.notes == (
        "scripts that were not run, as the image has no apk that would: foo's post-upgrade",
    )
    assert "usr/bin/app" not in tooling.laid_out
    assert {"lib", "usr/lib/apk/db/installed", "usr/lib/libfoo.so", "etc/apk/world"} <= set(
        tooling.laid_out
    )
    words = next(argv for argv in tooling.asked if "add" in argv and "--simulate" not in argv)
    assert {"--no-scripts", "--root", "/.careen-shadow"} <= set(words)


def test_a_database_that_came_back_unchanged_is_an_error(tmp_path: Path) -> None:
    _, sandbox = applied({"usr/lib/apk/db/installed": INSTALLED.encode()}, tmp_path)
    with pytest.raises(ToolError, match="its database came back unchanged"):
        patcher(image()).apply([upgrade()], sandbox)


def test_a_link_that_takes_the_place_of_the_shadows_directory_removes_nothing(
    tmp_path: Path,
) -> None:
    """Root in the container may do that at any time, as here while tar runs."""
    outside, scratch = tmp_path / "outside", tmp_path / "sandbox"
    outside.mkdir()
    (outside / "shadow.tar").write_text("mine")
    scratch.mkdir()
    tooling, sandbox = applied({}, scratch)

    def swap(argv: tuple[str, ...]) -> tuple[int, str]:
        if argv[0] == "tar":
            (scratch / "shadow").rename(scratch / "before")
            (scratch / "shadow").symlink_to(outside)
        return 0, ""

    tooling.answer = swap
    with pytest.raises(ToolError, match="a link replaces a directory or file of the patch sandbox"):
        fill(sandbox, image(), [ImagePath("/usr/lib/apk/db/installed")])
    assert (outside / "shadow.tar").read_text() == "mine"
