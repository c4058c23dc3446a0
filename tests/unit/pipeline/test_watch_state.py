"""The state of an image comes back as it was written; a damaged one is told; only one pass at a
time has it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from careen.errors import ConfigError, ToolError
from careen.model.failure import Failure
from careen.pipeline.watching.inventory import (
    FOLDER,
    drop_inventories,
    keep_inventory,
    kept_inventory,
)
from careen.pipeline.watching.lock import only_pass
from careen.pipeline.watching.state import (
    Awaited,
    ImageState,
    Known,
    Upstream,
    read_state,
    results_of,
    write_state,
)

STATE = ImageState(
    "t:1",
    Upstream("sha256:up", "1 2 3"),
    "configuration",
    "database",
    "sha256:made",
    "sha256:made",
    "sha256:there",
    "2026-01-01T00:00:00Z",
    (
        Known("CVE-1", "pkg:pypi/a@1", fixable=True, kev=False),
        Known("CVE-2", "pkg:pypi/b@1", fixable=True, kev=True, waiting=True),
    ),
    Failure("inputs", 3, "it is brok\u00e9n", 2, "2026-01-01T00:00:00Z", 1_800_000_000),
    Awaited(("CVE-1",), 3, 1_800_000_000),
)
HOLDS = """
import pathlib, sys
from careen.pipeline.watching.lock import only_pass
with only_pass(pathlib.Path(sys.argv[1]), "noon"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_it_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_state(tmp_path, "t", STATE)
    assert read_state(tmp_path, "t", "t:1") == STATE
    assert read_state(tmp_path, "other", "t:2") == ImageState("t:2")
    assert results_of(tmp_path) == {"sha256:made"}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": [["CVE-1", "p", 1, 0]]},
        {"failure": {}},
        {"result": None},
        {"version": 2},
        {"more": 1},
        {"awaited": {"identifiers": [1], "times": 1, "until": 1}},
        {"tag": "t:2"},
    ],
)
def test_a_damaged_state_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    write_state(tmp_path, "t", STATE)
    path = tmp_path / "t.state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigError, match=r"t\.state\.json"):
        read_state(tmp_path, "t", "t:1")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ConfigError, match="not valid JSON"):
        read_state(tmp_path, "t", "t:1")


def test_a_second_pass_is_told_since_when_the_first_runs_and_a_killed_one_holds_nothing(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(
                ToolError, match=rf"another pass is running \(since noon, process {other.pid}\)"
            ),
            only_pass(tmp_path, "one"),
        ):
            pytest.fail("two passes at once")
        other.kill()
        other.wait()
    with only_pass(tmp_path, "one"):
        assert (tmp_path / "lock").read_text().startswith("since one, process ")


def test_a_damaged_inventory_is_none(tmp_path: Path) -> None:
    assert kept_inventory(tmp_path, "sha256:a") is None
    keep_inventory(tmp_path, "sha256:a", b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "compo')
    assert kept_inventory(tmp_path, "sha256:a") is None
    keep_inventory(tmp_path, "sha256:b", b"{}")
    drop_inventories(tmp_path, {"sha256:b"})
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["sha256-b.cdx.json"]
