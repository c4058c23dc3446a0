"""A command that is started without a standard stream works as with /dev/null in its place."""

import sys
from pathlib import Path

import pytest

from careen.tools.process import run

PROGRAM = """
import sys
from pathlib import Path
from careen.cli.running import emit, progress_of
from careen.cli.standard_streams import open_standard_streams

open_standard_streams()
progress = progress_of({})
emit(b"document")
sys.stderr.write("message")
sys.stderr.flush()
with Path("new").open("wb") as file:
    assert file.fileno() > 2
assert sys.stdin.read() == ""
Path("done").touch()
"""


@pytest.mark.parametrize("closed", ["", "<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_opened(closed: str, tmp_path: Path) -> None:
    script = f'"$1" -c "$2" {closed}'
    done = run(
        ["/bin/sh", "-c", script, "sh", sys.executable, PROGRAM], timeout=60, cwd=str(tmp_path)
    )
    assert (tmp_path / "done").exists(), done.text
    assert done.status == 0


MAIN = """
from pathlib import Path
from types import SimpleNamespace
from careen.cli import main as cli
from careen.cli.running import progress_of

def command(**_):
    progress_of({})
    with Path("new").open("wb") as file:
        return 10 + file.fileno()

cli.group = SimpleNamespace(main=command)
cli.main()
"""


def test_a_command_without_standard_error_runs_and_its_files_do_not_replace_it(
    tmp_path: Path,
) -> None:
    script = '"$1" -c "$2" 2>&-'
    done = run(["/bin/sh", "-c", script, "sh", sys.executable, MAIN], timeout=60, cwd=str(tmp_path))
    assert done.status is not None
    assert done.status >= 10 + 3


def test_a_full_disk_at_standard_output_is_said_to_be_there() -> None:
    script = 'exec "$1" -m careen --version >/dev/full'
    done = run(["/bin/sh", "-c", script, "sh", sys.executable], timeout=60)
    assert done.status == 1
    assert done.stderr.decode() == (
        "careen: No space left on device: standard output; free some room where it goes, or send"
        " it elsewhere\n"
    )
