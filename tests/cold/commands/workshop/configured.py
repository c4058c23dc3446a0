"""What is started as settings, configuration, the environment and records say."""

import configparser
import json
import os
import shlex
import sqlite3
import tomllib
from pathlib import Path

from workshop import settings
from workshop.process import Refused, run

HERE = Path("/etc/workshop")
HOME = Path(__file__).parents[1]


def preview(name, arguments, given):
    return run(*shlex.split(settings.PREVIEW_COMMAND), *arguments, given=given)


def text(name, arguments, given):
    return run(*settings.TEXT_COMMAND, *arguments, given=given)


def setting(name, arguments, given):
    chosen = getattr(settings.Settings(), f"{name}_command")
    words = chosen if isinstance(chosen, list) else shlex.split(chosen)
    return run(*words, *arguments, given=given)


def limit(name, arguments, given):
    return run(*getattr(settings.Limits(), f"{name}_command").split(), *arguments, given=given)


def convert(name, arguments, given):
    wanted = tomllib.loads((HERE / "tools.toml").read_text())["convert"][name]
    return run(wanted["program"], *wanted["arguments"], *arguments, given=given)


def job(name, arguments, given):
    import yaml

    for one in yaml.safe_load((HERE / "jobs.yaml").read_text())["jobs"]:
        if one["name"] == name:
            words = one["run"].split() if "run" in one else [one["tool"], *one["options"]]
            return run(*words, *arguments, given=given)
    raise Refused(name)


def hook(name, arguments, given):
    wanted = json.loads((HERE / "hooks.json").read_text())["hooks"][name]
    return run(*wanted["command"].split(), *arguments, given=given)


def section(name, arguments, given):
    parser = configparser.ConfigParser()
    parser.read(HERE / "workshop.ini")
    wanted = parser[name]
    words = wanted["command"].split() if "command" in wanted else [wanted["program"], *wanted["arguments"].split()]
    return run(*words, *arguments, given=given)


def variable(name, arguments, given):
    words = shlex.split(os.environ.get(f"WORKSHOP_{name.upper()}_COMMAND") or os.environ[f"WORKSHOP_{name.upper()}_TOOL"])
    return run(*words, *arguments, given=given)


def step(name, arguments, given):
    for record in json.loads((HOME / "fixtures" / "steps.json").read_text()):
        fields = record["fields"]
        if fields["name"] == name and fields["enabled"]:
            command = fields["command"]
            return run(*(command if isinstance(command, list) else shlex.split(command)), *arguments, given=given)
    raise Refused(name)


def stored(name, arguments, given):
    with sqlite3.connect(f"file:{HOME / 'jobs.db'}?mode=ro&immutable=1", uri=True) as store:
        found = store.execute("SELECT command FROM jobs WHERE name = ?", (name,)).fetchone()
    if found is None:
        raise Refused(name)
    return run(*shlex.split(found[0]), *arguments, given=given)
