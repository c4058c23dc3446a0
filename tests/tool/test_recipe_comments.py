"""A recipe replaces its own comment: that of the same name, and no other one."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.comments import USER, notes, program

CHECKOUT = Path(__file__).parents[2]
WEB, GPU = "<!-- careen ci web -->\n", "<!-- careen ci web-gpu -->\n"
BODY = WEB + "### passed\n"
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "someone"}


def ran(script: str, cwd: Path, env: Mapping[str, str]) -> None:
    """Run a script as the platforms do."""
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(  # noqa: TID251
        argv, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def on_github(folder: Path, there: object) -> list[str]:
    """Run the step that comments; return the words of the last call of `gh`."""
    program(folder)
    (folder / "comment.md").write_text(BODY)
    (folder / "there.json").write_text(json.dumps(there))
    (step,) = (
        each
        for each in yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"]
        if each["name"] == "Comment on the pull request"
    )
    env = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "COMMENTS": str(folder),
        "COMMENT": "comment.md",
        "NUMBER": "7",
        "GITHUB_REPOSITORY": "team/service",
    }
    ran(step["run"], folder, env)
    assert (folder / "body.md").read_text() == BODY
    return (folder / "arguments").read_text().splitlines()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_github_replaces_the_comment_of_the_name(tmp_path: Path) -> None:
    there = [
        {"id": 1, "user": BOT, "body": WEB + "old"},
        {"id": 2, "user": BOT, "body": GPU + "of another name"},
        {"id": 3, "user": PERSON, "body": WEB + "of a person"},
        {"id": 4, "user": BOT, "body": "of another workflow"},
    ]
    words = on_github(tmp_path, there)
    assert words[:4] == ["api", "--silent", "--method", "PATCH"]
    assert "repos/team/service/issues/comments/1" in words
    assert on_github(tmp_path, there[1:])[:3] == ["pr", "comment", "7"]


def test_gitlab_replaces_the_note_of_the_name(tmp_path: Path) -> None:
    place = tmp_path / "careen-ci/web/comment.md"
    place.parent.mkdir(parents=True)
    place.write_text(BODY)
    _, job = yaml.safe_load_all((CHECKOUT / "templates/harden.yml").read_text())
    (script,) = job["careen-$[[ inputs.name ]]"]["after_script"]
    with notes() as found:
        for i in range(100):
            found.add(USER, f"another note {i}")
        found.add(USER, GPU)
        found.add(USER + 1, WEB)
        env = {
            "CAREEN_CI_NAME": "web",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_PROJECT_ID": "11",
            "CI_API_V4_URL": found.url,
            "CAREEN_TOKEN": "t0ken",
        }
        for _ in range(2):
            ran(script, tmp_path, env)
        url = "/api/v4/projects/11/merge_requests/7/notes"
        assert found.calls == [
            ("POST", url, "t0ken", BODY),
            ("PUT", f"{url}/103", "t0ken", BODY),
        ]
        place.unlink()
        ran(script, tmp_path, env)
        assert len(found.calls) == 2


def test_the_cache_of_a_name_is_not_that_of_another() -> None:
    steps = yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"]
    keys, prefixes = (
        {
            each["with"][key]
            for each in steps
            if each.get("uses", "").startswith("actions/cache/") and key in each["with"]
        }
        for key in ("key", "restore-keys")
    )
    (key,), (prefix,) = keys, prefixes
    name = "${{ inputs.name }}"
    assert key.startswith(prefix)
    for other in ("image-gpu", "image.2", "image_1"):
        assert not key.replace(name, other).startswith(prefix.replace(name, "image"))
