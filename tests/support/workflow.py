"""A runner of GitHub workflows and composite actions: it executes the `run:` steps of the YAML with
the environment that they declare, and stands in for the actions of GitHub's own that keep files.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

COMMAND = re.compile(r"^\s*::[A-Za-z]|##\[|##vso\[", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[\w.-]+(?:\(\))?|\|\||&&|==|!=)")


@dataclass
class Job:
    """One run of a workflow on a fresh machine.

    `actions` maps what `uses:` says to the file of an action. `kept` is what the platform keeps
    between runs: the caches. `inputs` are given to the actions besides the workflow's own. `commands` are lines of the log that GitHub would obey.
    """

    workspace: Path
    actions: Mapping[str, Path]
    kept: Path
    temp: Path
    github: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    commands: list[str] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)
    sarif: list[Path] = field(default_factory=list)
    failed: bool = False
    _path: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The summary of the job."""
        place = self.temp / "summary"
        return place.read_text() if place.exists() else ""

    def run(self, workflow: Path) -> "Job":
        """Run every job of a workflow."""
        self.temp.mkdir(parents=True, exist_ok=True)
        document = yaml.safe_load(workflow.read_text())
        for job in document["jobs"].values():
            self._steps(job["steps"], {})
        return self

    def _steps(self, steps: list[dict[str, Any]], inputs: Mapping[str, str]) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for number, step in enumerate(steps):
            context = {
                "inputs": inputs,
                "github": self.github,
                "steps": done,
                "runner": {"temp": str(self.temp)},
            }
            condition = str(step.get("if", "success()"))
            if self.failed and "always()" not in condition:
                continue
            if not evaluate(condition, context, failed=self.failed):
                continue
            outputs = (
                self._run(step, context, number) if "run" in step else self._use(step, context)
            )
            done[step.get("id", f"#{number}")] = {"outputs": outputs}
        return done

    def _run(self, step: dict[str, Any], context: Mapping[str, Any], number: int) -> dict[str, str]:
        assert "${{" not in step["run"], f"pasted into a shell line: {step['run']}"
        script = self.temp / f"step-{number}.sh"
        script.write_text(step["run"])
        files = {name: self.temp / f"{name}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}
        for path in files.values():
            path.write_text("")
        env = {
            **os.environ,
            **self.env,
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "example/service",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "RUNNER_TEMP": str(self.temp),
            **{name: str(path) for name, path in files.items()},
            **{key: fill(_text(value), context) for key, value in step.get("env", {}).items()},
        }
        env["PATH"] = os.pathsep.join((*reversed(self._path), env["PATH"]))
        folder = self.workspace / fill(step.get("working-directory", "."), context)
        argv = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(  # noqa: TID251
            argv, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
        )
        said = done.stdout + done.stderr
        self.log += said
        self.commands += [line for line in said.splitlines() if COMMAND.search(line)]
        self.failed = self.failed or done.returncode != 0
        self._path += files["GITHUB_PATH"].read_text().split()
        return read_outputs(files["GITHUB_OUTPUT"].read_text())

    def _use(self, step: dict[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
        name = step["uses"].partition("@")[0]
        given = {key: fill(_text(value), context) for key, value in step.get("with", {}).items()}
        if step["uses"] in self.actions:
            return self._composite(self.actions[step["uses"]], {**given, **self.inputs})
        match name:
            case "actions/checkout":
                assert given.get("persist-credentials") == "false"
            case "actions/cache/restore":
                self._restore(given)
            case "actions/cache/save":
                self._save(given)
            case "actions/upload-artifact":
                place = self.workspace / given["path"]
                assert place.exists(), place
                self.artifacts[given["name"]] = place
            case "github/codeql-action/upload-sarif":
                self.sarif.append(self.workspace / given["sarif_file"])
            case _:
                msg = f"no stand-in for {step['uses']}"
                raise AssertionError(msg)
        return {}

    def _composite(self, action: Path, given: Mapping[str, str]) -> dict[str, str]:
        document = yaml.safe_load(action.read_text())
        assert document["runs"]["using"] == "composite"
        known = document.get("inputs", {})
        assert given.keys() <= known.keys()
        inputs = {key: given.get(key, str(each.get("default", ""))) for key, each in known.items()}
        done = self._steps(document["runs"]["steps"], inputs)
        return {
            key: fill(each["value"], {"steps": done})
            for key, each in document.get("outputs", {}).items()
        }

    def _restore(self, given: Mapping[str, str]) -> None:
        saved = sorted(self.kept.glob("*"), key=lambda path: path.stat().st_mtime)
        found = [path for path in saved if path.name.startswith(_file(given["restore-keys"]))]
        if found:
            shutil.copytree(found[-1], self.workspace / given["path"], symlinks=True)

    def _save(self, given: Mapping[str, str]) -> None:
        place = self.kept / _file(given["key"])
        shutil.copytree(self.workspace / given["path"], place, symlinks=True)
        os.utime(place)  # the newest is the one that was saved last


def _file(key: str) -> str:
    """Return the name of the file of a cache's key."""
    assert "," not in key
    return quote(key.strip(), safe="")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def fill(text: str, context: Mapping[str, Any]) -> str:
    """Return a text of the YAML with its expressions evaluated."""
    return _EXPRESSION.sub(lambda found: str(evaluate(found[1], context)), text)


def evaluate(text: str, context: Mapping[str, Any], *, failed: bool = False) -> Any:
    """Return the value of an expression of names, texts, `==`, `!=`, `&&` and `||`."""
    body = _EXPRESSION.sub(r"\1", text).strip()
    words, at = [], 0
    while at < len(body):
        found = _TOKEN.match(body, at)
        assert found, body
        words.append(found[1])
        at = found.end()
    value: Any = ""
    for alternative in _split(words, "||"):
        value = True
        for part in _split(alternative, "&&"):
            value = _compared(part, context, failed=failed)
            if not value:
                break
        if value:
            return value
    return value


def _split(words: list[str], by: str) -> list[list[str]]:
    out: list[list[str]] = [[]]
    for word in words:
        if word == by:
            out.append([])
        else:
            out[-1].append(word)
    return out


def _compared(words: list[str], context: Mapping[str, Any], *, failed: bool) -> Any:
    first = _value(words[0], context, failed=failed)
    if len(words) == 1:
        return first
    one, operator, two = first, words[1], _value(words[2], context, failed=failed)
    return (one == two) if operator == "==" else (one != two)


def _value(word: str, context: Mapping[str, Any], *, failed: bool) -> Any:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    if word in ("always()", "success()"):
        return word == "always()" or not failed
    found: Any = context
    for part in word.split("."):
        found = found.get(part, "") if isinstance(found, Mapping) else ""
    return found


def read_outputs(text: str) -> dict[str, str]:
    """Return the values of a GITHUB_OUTPUT file, by the rules of the runner."""
    out: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, marker, end = line.partition("<<")
        if not marker:
            name, _, value = line.partition("=")
            out[name] = value
            continue
        value_lines = []
        for each in lines:
            if each == end:
                break
            value_lines.append(each)
        else:
            msg = f"no end of {name}"
            raise AssertionError(msg)
        out[name] = "\n".join(value_lines)
    return out
