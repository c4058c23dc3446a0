"""What one step of the Tekton task leaves in its container is not there in the next."""

import os
from pathlib import Path

import pytest

from tests.support.steps import run_task

TASK = Path(__file__).parents[2] / "examples/tekton/task.yaml"
CAREEN = """#!/bin/sh
case $1 in
db) [ -z "${OFFLINE:-}" ] && touch "$HOME/advisories" ;;
ci)
  [ -f "$HOME/advisories" ] || { echo 'no advisories'; exit 1; }
  mkdir -p "careen-ci/$CAREEN_CI_NAME"
  printf 'CAREEN_DIGEST=sha256:a\\nCAREEN_STEP=whole\\n' > "careen-ci/$CAREEN_CI_NAME/ci.env" ;;
esac
"""


def test_the_run_has_the_advisories_that_were_updated(tmp_path: Path) -> None:
    program = tmp_path / "careen"
    program.write_text(CAREEN)
    program.chmod(0o755)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    _, results = run_task(TASK, {"name": "web"}, workspace, tmp_path, environment)
    assert results == {"digest": "sha256:a", "step": "whole"}
    with pytest.raises(AssertionError):
        run_task(TASK, {"name": "web"}, workspace, tmp_path, {**environment, "OFFLINE": "1"})
    assert not (workspace / "careen-ci/web/ci.env").exists()
