"""Runners of the steps of a Tekton task and of a Jenkinsfile: each step's script, as the YAML or the
pipeline declares it.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_REFERENCE = re.compile(r"\$\(([^()]*)\)")
_NAME = re.compile(r"(params|workspaces|results)\.([\w-]+)(\.path)?\Z")
_SH = re.compile(r"^\s*sh '((?:[^'\\]|\\.)*)'$", re.MULTILINE)
_SET = re.compile(r"^\s*(\w+) = '([^']*)'$", re.MULTILINE)


def run_task(
    task: Path,
    params: Mapping[str, str],
    workspace: Path,
    folder: Path,
    environment: Mapping[str, str],
) -> tuple[str, dict[str, str]]:
    """Run the steps of a Tekton task on this machine; return the log and the results.

    `$(…)` in a script would be pasted into a shell line, and is refused.
    """
    spec = yaml.safe_load(task.read_text())["spec"]
    given = {each["name"]: params.get(each["name"], each.get("default")) for each in spec["params"]}
    places = {each["name"]: folder / f"result-{each['name']}" for each in spec["results"]}
    assert [each["name"] for each in spec["workspaces"]] == ["source"]

    def put(text: str) -> str:
        def found(reference: re.Match[str]) -> str:
            name = _NAME.match(reference[1])
            assert name, f"not a variable of Tekton: {reference[0]}"
            kind, which, _ = name.groups()
            if kind == "params":
                return str(given[which])
            return str(workspace if kind == "workspaces" else places[which])

        return _REFERENCE.sub(found, text)

    log = ""
    for step in spec["steps"]:
        references = [each for each in _REFERENCE.findall(step["script"]) if _NAME.match(each)]
        assert references == [], f"pasted into a shell line: {references}"
        env = {each["name"]: put(each["value"]) for each in step.get("env", ())}
        script = folder / f"step-{step['name']}"
        script.write_text(step["script"])
        script.chmod(0o755)
        cwd = put(step.get("workingDir", str(folder)))
        home = folder / f"home-{step['name']}"  # a step is a container of its own
        home.mkdir(exist_ok=True)
        log += _ran([str(script)], Path(cwd), {**environment, "HOME": str(home), **env})
    return log, {name: path.read_text() for name, path in places.items() if path.exists()}


def run_jenkinsfile(file: Path, workspace: Path, environment: Mapping[str, str]) -> str:
    """Run the `sh` steps of a declarative pipeline; return the log.

    Only texts in single quotes are taken: Groovy puts nothing into them.
    """
    text = file.read_text()
    assert len(_SH.findall(text)) == len(re.findall(r"^\s*sh\b", text, re.MULTILINE))
    env = {**environment, **dict(_SET.findall(text))}
    log = ""
    for script in _SH.findall(text):
        log += _ran(["sh", "-xe", "-c", script], workspace, env)
    return log


def archived(file: Path, workspace: Path) -> list[Path]:
    """Return the files that a Jenkinsfile archives, and its SARIF."""
    text = file.read_text()
    patterns = re.findall(r"(?:artifacts: |pattern: )'([^']*)'", text)
    return [path for pattern in patterns for path in workspace.glob(pattern)]


def _ran(argv: list[str], cwd: Path, env: Mapping[str, str]) -> str:
    whole: dict[str, Any] = {**os.environ, **env}
    done = subprocess.run(  # noqa: TID251
        argv, cwd=cwd, env=whole, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{argv}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout + done.stderr
