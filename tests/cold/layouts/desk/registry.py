"""How a job is found: a command of the operator's file, a module of this package, or a program of the tools' directory."""

import importlib
import io
import os
import subprocess
import tomllib
from contextlib import redirect_stdout
from pathlib import Path

TOOLS = Path(os.environ.get("DESK_TOOLS", "/opt/tools"))
COMMANDS = Path(os.environ.get("DESK_COMMANDS", "/etc/desk/commands.toml"))
HERE = Path(__file__).parent


class Unknown(Exception):
    pass


def start(name, arguments):
    commands = tomllib.loads(COMMANDS.read_text())
    if name in commands:
        entry = commands[name]
        return command([*entry["command"], *arguments], entry.get("environment", {}), entry.get("input", ""))
    if (HERE / "jobs" / f"{name}.py").exists():
        module = importlib.import_module(f"desk.jobs.{name}")
        with redirect_stdout(io.StringIO()) as said:
            module.run(*arguments)
        return said.getvalue()
    program = TOOLS / name / "bin" / name
    if program.exists():
        return command([str(program), *arguments])
    raise Unknown(name)


def command(words, environment=None, text=""):
    """What a program says; its standard error follows when it is not empty."""
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True, timeout=100, env={**os.environ, **(environment or {})})
    return done.stdout + (f"-- stderr\n{done.stderr}" if done.stderr else "")
