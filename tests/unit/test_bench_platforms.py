"""The bench of platforms says what it lacks before it works for minutes."""

from pathlib import Path

import pytest

from bench import platforms
from careen.model.machines import program_header
from careen.tools.binfmt import Handler

HEADER = program_header("arm64") or b""
QEMU = Handler("qemu-arm64", "/usr/bin/qemu", "F", 0, HEADER, b"\xff" * len(HEADER))


@pytest.mark.parametrize(
    ("installed", "registered", "words", "lack"),
    [
        (False, (QEMU,), [], "skopeo: not installed"),
        (True, (), [], "linux/arm64: no handler of binfmt_misc runs arm64; install qemu-user"),
        (True, (QEMU,), ["--patch"], "--patch: no advisory database at "),
    ],
)
def test_what_is_missing_is_said_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: bool,
    registered: tuple[Handler, ...],
    words: list[str],
    lack: str,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name if installed else None)
    monkeypatch.setattr(platforms, "handlers", lambda: registered)
    monkeypatch.setattr(platforms, "made_root", None)  # the work
    monkeypatch.setenv("CAREEN_DB", str(tmp_path / "none"))
    with pytest.raises(SystemExit) as caught:
        platforms.main(words)
    assert str(caught.value).startswith(lack)
