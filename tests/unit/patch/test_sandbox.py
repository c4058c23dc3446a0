"""The directory that a sandbox shares with its containers: what they put there leads careen
nowhere.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.patch.sandbox import Sandbox
from tests.support.watched import DockerContainer


def test_no_link_below_the_sandbox_is_followed(tmp_path: Path) -> None:
    """What runs in the container owns that directory as we do."""
    outside = tmp_path / "outside"
    outside.write_text("mine")
    scratch = tmp_path / "scratch"
    (scratch / "apt").mkdir(parents=True)
    sandbox = Sandbox(DockerContainer("ab" * 32), scratch)
    (scratch / "apt/steps.sh").symlink_to(outside)
    assert sandbox.put("apt/steps.sh", b"ours") == "/.careen-sandbox/apt/steps.sh"
    assert (outside.read_text(), (scratch / "apt/steps.sh").read_text()) == ("mine", "ours")
    (scratch / "apt/x.deb").symlink_to(outside)
    with pytest.raises(ToolError, match="a link replaces a directory or file"):
        sandbox.take("apt/x.deb", 100)
    (scratch / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(ToolError, match="a link replaces a directory or file"):
        sandbox.put("elsewhere/outside", b"theirs")
    os.mkfifo(scratch / "apt/pipe")
    with pytest.raises(ToolError, match="not a regular file"):
        sandbox.take("apt/pipe", 100)
    with pytest.raises(ToolError, match="larger"):
        sandbox.take("apt/steps.sh", 3)
    assert sandbox.take("apt/none", 3) is None


@pytest.fixture
def planted(tmp_path: Path) -> Sandbox:
    """A sandbox whose `shadow` and `dnf` lead to a directory of this machine that has the same
    names.
    """
    outside, scratch = tmp_path / "outside", tmp_path / "scratch"
    (outside / "log").mkdir(parents=True)
    (outside / "log" / "messages").write_text("mine")
    (outside / "shadow.tar").write_text("mine")
    scratch.mkdir()
    for name in ("shadow", "dnf"):
        (scratch / name).symlink_to(outside)
    return Sandbox(DockerContainer("ab" * 32), scratch)


@pytest.mark.parametrize(
    "use",
    [
        lambda sandbox: sandbox.remove("shadow/shadow.tar"),
        lambda sandbox: sandbox.remove_tree("dnf/log"),
        lambda sandbox: sandbox.holds("shadow/shadow.tar"),
        lambda sandbox: sandbox.names("dnf/log", 10),
        lambda sandbox: sandbox.names("dnf", 10),
    ],
)
def test_a_link_in_the_place_of_a_directory_leads_nowhere(
    planted: Sandbox, tmp_path: Path, use: Callable[[Sandbox], object]
) -> None:
    with pytest.raises(ToolError, match="a link replaces a directory or file of the patch sandbox"):
        use(planted)
    left = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "outside").rglob("*"))
    assert left == ["outside/log", "outside/log/messages", "outside/shadow.tar"]


def test_what_is_removed_and_listed_is_the_sandboxs_own(tmp_path: Path) -> None:
    outside, scratch = tmp_path / "outside", tmp_path / "scratch"
    outside.mkdir()
    (outside / "kept").write_text("mine")
    scratch.mkdir()
    sandbox = Sandbox(DockerContainer("ab" * 32), scratch)
    sandbox.directory("dnf/log/deep")
    sandbox.put("dnf/log/deep/x", b"x")
    (scratch / "dnf/log/out").symlink_to(outside)
    (scratch / "dnf/one").symlink_to(outside / "kept")
    (scratch / "dnf/dangling").symlink_to(outside / "none")
    assert sandbox.names("dnf", 3) == ("dangling", "log", "one")
    with pytest.raises(ToolError, match=r"/\.careen-sandbox/dnf: more than the 2 files"):
        sandbox.names("dnf", 2)
    assert (sandbox.holds("dnf/dangling"), sandbox.holds("dnf/two")) == (True, False)
    for _ in range(2):
        sandbox.remove("dnf/one")
        sandbox.remove_tree("dnf/log")
    assert sandbox.names("dnf", 3) == ("dangling",)
    assert (outside / "kept").read_text() == "mine"
    sandbox.directory("dnf/log")
    sandbox.remove_tree("dnf/log")
    (scratch / "dnf/log").symlink_to(outside)
    with pytest.raises(ToolError, match="a link replaces a directory or file"):
        sandbox.remove_tree("dnf/log")
    assert (outside / "kept").read_text() == "mine"


def test_a_directory_is_made_step_by_step_and_open_to_every_user(tmp_path: Path) -> None:
    scratch, outside = tmp_path / "scratch", tmp_path / "outside"
    scratch.mkdir()
    outside.mkdir(mode=0o700)
    sandbox = Sandbox(DockerContainer("ab" * 32), scratch)
    for _ in range(2):  # once more is the same
        assert sandbox.directory("npm/settings") == "/.careen-sandbox/npm/settings"
        assert (scratch / "npm/settings").stat().st_mode & 0o7777 == 0o777
    (scratch / "apt").symlink_to(outside)
    for name in ("apt", "apt/lists"):
        with pytest.raises(
            ToolError, match="a link replaces a directory or file of the patch sandbox"
        ):
            sandbox.directory(name)
    assert (list(outside.iterdir()), stat.S_IMODE(outside.stat().st_mode)) == ([], 0o700)


def test_a_copied_file_is_nobody_elses(tmp_path: Path) -> None:
    scratch, wheel = tmp_path / "scratch", tmp_path / "x.whl"
    scratch.mkdir()
    wheel.write_bytes(b"wheel")
    sandbox = Sandbox(DockerContainer("ab" * 32), scratch)
    assert sandbox.copy(wheel, "x.whl", 0o755) == "/.careen-sandbox/x.whl"
    copied = scratch / "x.whl"
    assert (
        copied.read_bytes(),
        copied.stat().st_nlink,
        copied.stat().st_mode & 0o7777,
        copied.is_symlink(),
    ) == (b"wheel", 1, 0o755, False)
    with pytest.raises(ToolError, match=r"copying gone.whl to the patch sandbox: No such file"):
        sandbox.copy(tmp_path / "gone.whl", "x.whl")
