"""Linters, each as a program."""
import subprocess
import tempfile
from pathlib import Path

LINES = {
    "pylint": ["pylint", "--score=n", "--persistent=n"],
    "flake8": ["flake8"],
    "bandit": ["bandit", "-q", "-f", "json"],
    "ruff": ["ruff", "check", "--no-cache", "--output-format", "concise"],
    "mypy": ["mypy", "--cache-dir=/dev/null"],
    "basedpyright": ["basedpyright", "--outputjson"],
    "yamllint": ["yamllint", "-f", "parsable"],
    "codespell": ["codespell"],
    "shellcheck": ["shellcheck", "-f", "gcc"],
    "sqlfluff": ["sqlfluff", "lint", "--dialect", "ansi"],
}


def run(text, by="ruff", ending=".py", more=()):
    """Say what a linter says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a" + ending)
        path.write_text(text)
        done = subprocess.run([*LINES[by], *more, path.name], cwd=folder, capture_output=True, text=True, timeout=200)
    return [done.returncode, (done.stdout + done.stderr).splitlines()]
