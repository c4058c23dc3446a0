"""Each recipe on the sample repository, as its platform runs it: first run, nothing changed, a new
advisory, another application.
"""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.careen_command import Careen, docker
from tests.support.ci_tools import gitlab_ci_local
from tests.support.comments import notes, program
from tests.support.pipelines import CHECKOUT, Sample
from tests.support.python_base import build_python_base
from tests.support.steps import archived, run_jenkinsfile, run_task
from tests.support.workflow import COMMAND, Job

pytestmark = [pytest.mark.root, pytest.mark.bpf, pytest.mark.docker, pytest.mark.slow]

Ran = tuple[str, Path]
"""The log of a run, and the folder with what it wrote."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """An image with Python; it and what was built on it are removed at the end."""
    mark = secrets.token_hex(6)
    name = f"careen-test-{mark}:base"
    build_python_base(name, mark)
    yield name
    label = f"label=test.careen.mark={mark}"
    for found in docker("images", "--quiet", "--no-trunc", "--filter", label).split():
        docker("image", "rm", "--force", found)


@pytest.fixture
def sample(base: str, tmp_path: Path) -> Sample:
    careen = Careen(tmp_path / "careen")
    careen.folder.mkdir()
    return Sample(tmp_path, base, f"careen-test-{secrets.token_hex(6)}:build", careen)


def on_github(sample: Sample, number: int) -> Ran:
    """Run the workflow with the action on a fresh machine; the platform keeps the caches."""
    done = github_job(sample, number)
    assert not done.failed, done.log[-3000:]
    folder = done.artifacts["careen-service"]
    comments = sample.folder / f"run-{number}" / "comments"
    assert (comments / "arguments").read_text().splitlines()[:3] == ["pr", "comment", "7"]
    body = (comments / "body.md").read_text()
    assert body == (folder / "comment.md").read_text()
    assert body in done.summary
    assert done.sarif[0].samefile(folder / "findings.sarif")
    assert done.commands == []
    return done.log, folder


def github_job(sample: Sample, number: int, **inputs: str) -> Job:
    """Run the workflow; `inputs` are those of the action beside the workflow's own."""
    programs, comments, kept = (
        sample.folder / f"run-{number}" / "bin",
        sample.folder / f"run-{number}" / "comments",
        sample.folder / "kept",
    )
    checkout = sample.clone(number)
    for folder in (programs, comments, kept):
        folder.mkdir(exist_ok=True)
    program(programs)
    return Job(
        workspace=checkout,
        actions={"example/careen@v1": CHECKOUT / "action.yml"},
        kept=kept,
        temp=sample.folder / f"run-{number}" / "temp",
        github={
            "event_name": "pull_request",
            "event": {"pull_request": {"number": 7}},
            "token": "t0ken",
            "run_id": number,
            "run_attempt": 1,
            "ref": "refs/pull/7/merge",
        },
        env={**sample.environment(number, programs), "COMMENTS": str(comments)},
        inputs={"update": "false", **inputs},
    ).run(checkout / ".github/workflows/image.yml")


def on_gitlab(sample: Sample, number: int) -> Ran:
    """Run the pipeline with the component by gitlab-ci-local, in a checkout that stays."""
    checkout = sample.checkout()
    (checkout / "templates").mkdir(exist_ok=True)
    (checkout / "templates/harden.yml").write_text((CHECKOUT / "templates/harden.yml").read_text())
    pipeline = checkout / ".gitlab-ci.yml"
    component = "component: $CI_SERVER_FQDN/example/careen/harden@1"
    assert component in pipeline.read_text()
    pipeline.write_text(pipeline.read_text().replace(component, "local: templates/harden.yml"))
    for words in (
        ("remote", "set-url", "origin", "https://git.example/team/service.git"),
        ("add", "--all"),
    ):
        argv = ["git", "-C", str(checkout), *words]
        subprocess.run(argv, check=True, capture_output=True)  # noqa: TID251
    with notes() as found:
        variables = {
            **sample.environment(number),
            "CI_MERGE_REQUEST_IID": "7",
            "CI_PROJECT_ID": "11",
            "CI_API_V4_URL": found.url,
            "CAREEN_TOKEN": "t0ken",
            "CAREEN_UPDATE": "false",
        }
        log = gitlab_ci_local(checkout, variables, sample.folder / "home")
    folder = checkout / "careen-ci/service"
    text = (folder / "comment.md").read_text()
    url = "/api/v4/projects/11/merge_requests/7/notes"
    assert found.calls == [("POST", url, "t0ken", text)]
    return log, folder


def on_tekton(sample: Sample, number: int) -> Ran:
    """Run the build, then the steps of the task, in a workspace that stays."""
    checkout = sample.checkout()
    environment = sample.environment(number)
    build(sample, checkout, environment)
    own = sample.folder / f"run-{number}"
    own.mkdir(exist_ok=True)
    task = checkout / "task.yaml"
    params = {"name": "service", "update": "false"}
    log, results = run_task(task, params, checkout, own, environment)
    found = json.loads((checkout / "careen-ci/service/ci.json").read_text())
    assert results == {"digest": found["result"]["digest"], "step": found["step"]}
    return log, checkout / "careen-ci/service"


def on_jenkins(sample: Sample, number: int) -> Ran:
    """Run the shell steps of the pipeline in a workspace that stays."""
    checkout = sample.checkout()
    log = run_jenkinsfile(checkout / "Jenkinsfile", checkout, sample.environment(number))
    folder = checkout / "careen-ci/service"
    kept = archived(checkout / "Jenkinsfile", checkout)
    assert {folder / "findings.sarif", folder / "evidence/manifest.json"} <= set(kept)
    return log, folder


def by_shell(sample: Sample, number: int) -> Ran:
    """Run the script in a checkout that stays."""
    checkout = sample.checkout()
    done = subprocess.run(  # noqa: TID251
        ["./pipeline.sh"],
        cwd=checkout,
        env={**os.environ, **sample.environment(number)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    folder = checkout / "careen-ci/service"
    assert done.stdout.endswith((folder / "comment.md").read_text())
    return done.stdout + done.stderr, folder


def build(sample: Sample, checkout: Path, environment: Any) -> None:
    """Build the service's image, as a step before the task does."""
    argv = ["docker", "build", "--build-arg", "BASE", "--tag", sample.image, "."]
    env = {**os.environ, **environment}
    subprocess.run(argv, cwd=checkout, env=env, check=True, capture_output=True)  # noqa: TID251


RECIPES: dict[str, Callable[[Sample, int], Ran]] = {
    "github": on_github,
    "tekton": on_tekton,
    "jenkins": on_jenkins,
    "shell": by_shell,
}


@pytest.mark.parametrize("recipe", [*RECIPES, pytest.param("gitlab", marks=pytest.mark.gitlab)])
def test_successive_runs(sample: Sample, recipe: str) -> None:
    run = {**RECIPES, "gitlab": on_gitlab}[recipe]
    sample.make(recipe)
    sample.advise("CVE-2026-3001")
    # What exploration finds and a changed application costs is a matter of `careen ci`: one recipe
    # shows both.
    if recipe != "shell":
        sample.explore_nothing()
    steps = ("whole", "check", "scan", *(["profile"] if recipe == "shell" else []))
    for number, step in enumerate(steps):
        if step == "scan":
            sample.advise("CVE-2026-3001", "CVE-2026-3002")
        elif step == "profile":
            sample.change_application()
        log, folder = run(sample, number)
        found = json.loads((folder / "ci.json").read_text())
        assert (found["step"], found["status"]) == (step, 0), found["reasons"]
        new = [each["id"] for each in found["findings"]["new"] or ()]
        assert set(new) == ({"CVE-2026-3002"} if step == "scan" else set())
        body = (folder / "comment.md").read_text()
        assert body.startswith("<!-- careen ci service -->\n### ✅ careen harden service: passed\n")
        assert json.loads((folder / "findings.sarif").read_text())["version"] == "2.1.0"
        assert not COMMAND.search(log)


HOSTILE = "x';touch pwned;$(touch pwned)`touch pwned`\"&&touch pwned\n::error::pwned"


def test_an_input_that_is_a_command_reaches_no_shell_and_no_platform(sample: Sample) -> None:
    sample.make("github")
    for number, where in enumerate(("image", "tag", "mode", "push", "key", "name")):
        done = github_job(sample, number, **{where: HOSTILE})
        assert done.failed, where
        assert done.commands == [], where
        assert not [*sample.folder.rglob("pwned")], where


def test_a_branch_that_is_a_command_reaches_no_shell_and_no_platform(sample: Sample) -> None:
    """The service's image has labels and a package that are commands, too."""
    sample.make("github")
    sample.advise("CVE-2026-3001")
    record = "Package: ::error::pwned\\nStatus: install ok installed\\nVersion: $(touch pwned)\\n"
    containerfile = sample.origin / "Dockerfile"
    containerfile.write_text(
        containerfile.read_text()
        + f"RUN [\"python3\", \"-c\", \"open('/var/lib/dpkg/status', 'a').write('''{record}''')\"]\n"
        + 'LABEL name="##[error]$(touch pwned)" version="::set-output name=a::b"\n'
    )
    config = sample.origin / "careen.toml"
    config.write_text(config.read_text().replace('mode = "harden"', 'mode = "scan"'))
    sample.push("hostile")
    branch = "x;touch${IFS}pwned;$(touch${IFS}pwned)`touch${IFS}pwned`"
    sample.git("checkout", "--quiet", "-b", branch)
    done = github_job(sample, 0)
    assert done.commands == []
    assert not [*sample.folder.rglob("pwned")]
    found = json.loads((done.artifacts["careen-service"] / "ci.json").read_text())
    assert found["mode"] == "scan"
    assert "::error::pwned" not in (done.artifacts["careen-service"] / "comment.md").read_text()
