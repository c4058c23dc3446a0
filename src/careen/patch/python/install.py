"""Installation of the chosen wheels into an environment.

The result looks as if the environment's own installer had made it. pip and uv leave other owners,
INSTALLER, scripts and byte code, and not every image has them. So `place.py` implements the
specification of wheels, and the environment's own interpreter runs it.
"""

import configparser
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.errors import ImageError, ToolError
from careen.formats.json_document import text
from careen.model.paths import join, parent
from careen.patch.port import Ground
from careen.patch.python.environments import Dist, Environment
from careen.patch.python.probe import answer
from careen.patch.sandbox import LONG, Sandbox

_CACHED = re.compile(r"/__pycache__/[^/]+?(?:\.opt-([12]))?\.pyc\Z")
_VERSIONED = re.compile(r"pip-?3(?:\.\d{1,2})?\Z")
_SHEBANG = 4096


@dataclass(frozen=True, slots=True)
class Exchange:
    """One checked wheel, outside the container, and what it replaces (None: nothing)."""

    name: str
    wheel: Path
    sha256: str
    old: Dist | None


def place(
    exchanges: Sequence[Exchange], environment: Environment, ground: Ground, sandbox: Sandbox
) -> None:
    """Install the wheels. Raises ToolError; the container is then unusable."""
    inside = sandbox.directory("python")
    going = frozenset(each.old.package.purl for each in exchanges if each.old is not None)
    steps = [_step(each, environment, ground, going, f"{inside}/wheels") for each in exchanges]
    sandbox.directory("python/wheels")
    for each in exchanges:
        sandbox.copy(each.wheel, f"python/wheels/{each.wheel.name}")
    program = sandbox.copy(Path(__file__).with_name("place.py"), "python/place.py")
    job = sandbox.put(
        "python/job.json", json.dumps({"steps": steps}).encode("utf-8", "surrogatepass")
    )
    doing = f"installing into {environment.prefix}"
    argv = [environment.python, "-I", "-B", program, job]
    done = sandbox.run(argv, doing=doing, timeout=LONG, check=False)
    if done.status == 0:
        return
    problem = (
        text(answer(done.output, doing).get("problem"))
        if "careen:" in done.output
        else " | ".join(done.output.split("\n")[-4:])[-400:]
    )
    msg = f"{doing}: {problem or 'it printed nothing'}"
    raise ToolError(msg)


def _step(
    each: Exchange, environment: Environment, ground: Ground, going: frozenset[str], wheels: str
) -> dict[str, Any]:
    like = each.old or _model(environment)
    site = like.site if like is not None else environment.sites[0]
    scripts = environment.scripts
    prefix = parent(scripts)
    metadata = (
        ground.rootfs.get(join(like.info, "METADATA")) or ground.rootfs.get(like.package.record)
        if like is not None
        else None
    )
    holder = ground.rootfs.get(like.info if like is not None else site)
    old = each.old
    return {
        "wheel": f"{wheels}/{each.wheel.name}",
        "sha256": each.sha256,
        "site": site,
        "prefix": prefix,
        "stay": [*environment.sites, scripts, prefix],
        "scripts": scripts,
        "scheme": {
            "purelib": site,
            "platlib": site,
            "scripts": scripts,
            "data": prefix if environment.kind != "target" else site,
            "headers": join(prefix, "include", "site", f"python{environment.version}", each.name),
        },
        "remove": _own_files(old, ground, going) if old is not None else [],
        "uid": metadata.uid if metadata is not None else 0,
        "gid": metadata.gid if metadata is not None else 0,
        "mode": (metadata.mode & 0o666) | 0o400 if metadata is not None else 0o644,
        "directory": holder.mode & 0o777 if holder is not None and holder.is_dir else 0o755,
        "installer": (like.installer if like is not None else "") or "pip",
        "requested": old is not None and join(old.info, "REQUESTED") in ground.rootfs,
        "levels": _levels(like),
        "shebang": _shebang(environment, ground),
        "entry_points": _entry_points(old, ground) if old is not None else {},
        "versioned": sorted(
            {
                word
                for path in old.package.files
                if _VERSIONED.match(word := path.rpartition("/")[2])
            }
        )
        if old and old.name == "pip"
        else [],
    }


def _model(environment: Environment) -> Dist | None:
    """Return a distribution of the environment whose file attributes serve as the model.

    Prefers its first directory, then the first name; None if every distribution is foreign.
    """
    own = [dist for dist in environment.dists.values() if not dist.foreign]
    return min(own, key=lambda dist: (dist.site != environment.sites[0], dist.name), default=None)


def _own_files(old: Dist, ground: Ground, going: frozenset[str]) -> list[str]:
    """Return the files that nothing but it and the `going` distributions owns."""
    owners = ground.inventory.owners
    return [
        path
        for path in old.package.files
        if all(purl == old.package.purl or purl in going for purl in owners.get(path, ()))
    ]


def _levels(like: Dist | None) -> list[str]:
    """Return the optimization levels of its byte code: "" (plain), "1", "2"."""
    found = (
        {match.group(1) or "" for path in like.package.files if (match := _CACHED.search(path))}
        if like is not None
        else set()
    )
    return sorted(found)


def _shebang(environment: Environment, ground: Ground) -> str:
    """Return the first line of the environment's scripts.

    It is that of the first script of a distribution, else made from the interpreter.
    """
    for dist in sorted(environment.dists.values(), key=lambda each: each.name):
        for path in dist.package.files:
            entry = ground.rootfs.get(path)
            if parent(path) == environment.scripts and entry is not None and entry.is_file:
                with ground.rootfs.open(path) as stream:
                    line = stream.read(_SHEBANG).split(b"\n")[0].rstrip()
                if line.startswith(b"#!") and b"python" in line:
                    return line.decode("utf-8", "replace")
    return f"#!{environment.python}"


def _entry_points(old: Dist, ground: Ground) -> Mapping[str, str]:
    path = join(old.info, "entry_points.txt")
    entry = ground.rootfs.get(path)
    if entry is None or not entry.is_file:
        return {}
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    try:
        parser.read_string(ground.rootfs.read(path, 1 << 20).decode("utf-8", "replace"))
    except (configparser.Error, ImageError):
        return {}
    sections = [
        section for section in ("console_scripts", "gui_scripts") if parser.has_section(section)
    ]
    return {
        name.strip(): value.split("[")[0].strip()
        for section in sections
        for name, value in parser.items(section)
        if value
    }
