"""Combine the upgrade options with the table `patch` of careen.toml."""

import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careen.errors import InputError
from careen.workload.configuration.project import ProjectConfig

if TYPE_CHECKING:
    from careen.model.patching import PatchChoices
    from careen.pipeline.upgrading.options import PatchOptions


_OPTIONS = {
    "upgrade": "--upgrade",
    "allow_major": "--allow-major",
    "patch_only": "--only",
    "patch_exclude": "--exclude",
    "patch_ignore_unfixed": "--ignore-unfixed",
    "policy": "--policy",
    "sources": "--source",
    "source_keys": "--source-key",
    "index_url": "--index-url",
    "find_links": "--find-links",
    "no_index": "--no-index",
    "npm_registry": "--npm-registry",
    "maven": "--maven",
    "patch_env": "--patch-env",
    "ca": "--ca",
    "allow_hosts": "--allow-host",
    "tooling": "--tooling",
    "host_network": "--host-network",
    "offline": "--offline",
}


def refuse_patch_options(given: dict[str, Any]) -> None:
    """Raise InputError for an upgrade option without upgrades."""
    option = next(
        (option for key, option in _OPTIONS.items() if given.get(key) not in (None, False, ())),
        None,
    )
    if option is not None:
        msg = f"{option}: only applies to upgrades: add --patch, or remove it"
        raise InputError(msg)


def patch_choices(given: dict[str, Any], project: ProjectConfig) -> "PatchChoices":
    """Return the choices for upgrades. Raises InputError.

    Lists add up. For single values the command line wins. A flag is set if either sets it.
    """
    from careen.model.patching import PatchChoices, Reach

    said = project.patch
    certificates = given.get("ca") or said.certificates
    reach = given.get("upgrade")
    return PatchChoices(
        reach=Reach(reach) if reach else (said.reach or Reach.SECURITY),
        allow_major=bool(given.get("allow_major")) or said.allow_major,
        only=_globs("--only", (*said.only, *given.get("patch_only", ()))),
        exclude=_globs("--exclude", (*said.exclude, *given.get("patch_exclude", ()))),
        ignore_unfixed=bool(given.get("patch_ignore_unfixed")) or said.ignore_unfixed,
        sources=tuple(given.get("sources", ())) or said.sources,
        keys=tuple(
            str(_file(path, "--source-key")) for path in (*said.keys, *given.get("source_keys", ()))
        ),
        python_index=given.get("index_url") or said.python_index or "",
        find_links=tuple(
            _place(item, "--find-links")
            for item in (*said.find_links, *given.get("find_links", ()))
        ),
        no_index=bool(given.get("no_index")) or said.no_index,
        npm_registry=given.get("npm_registry") or said.npm_registry or "",
        maven=_place(given.get("maven") or said.maven or "", "--maven"),
        environment=tuple(
            _variable(word) for word in (*said.environment, *given.get("patch_env", ()))
        ),
        certificates=str(_file(certificates, "--ca")) if certificates is not None else "",
        allowed_hosts=tuple(
            _host(word) for word in (*said.allowed_hosts, *given.get("allow_hosts", ()))
        ),
        tooling=given.get("tooling") or said.tooling or "",
        online=not given.get("offline") and said.online,
        host_network=bool(given.get("host_network")) or said.host_network,
    )


def patch_wishes(given: dict[str, Any], project: ProjectConfig) -> "PatchOptions":
    """Return all choices for patching, with the policy file read.

    Raises InputError, or ConfigError with file and line.
    """
    from careen.patch.policy import Policy, load_policy
    from careen.pipeline.run.timestamp import now
    from careen.pipeline.upgrading.options import PatchOptions

    policy = given.get("policy") or project.patch.policy
    if policy is not None:
        _file(policy, "--policy")
    choices, taken = with_machine(patch_choices(given, project), os.environ, Path.home())
    return PatchOptions(
        choices=choices,
        policy=(
            load_policy(policy, dt.date.fromisoformat(now()[:10]))
            if policy is not None
            else Policy()
        ),
        squash=bool(given.get("squash")),
        taken=taken,
    )


def with_machine(
    choices: "PatchChoices", environment: Mapping[str, str], home: Path
) -> tuple["PatchChoices", tuple[str, ...]]:
    """Add this machine's certificates and Python index where the user names none.

    Returns the choices, and a sentence for each addition.
    """
    from careen.tools.pip_settings import pip_certificates, pip_files, pip_index_url

    taken: list[str] = []
    files = pip_files(environment, home)
    trusted = (
        pip_certificates(environment, files)
        if not choices.certificates and choices.online
        else None
    )
    if trusted is not None:
        choices = replace(choices, certificates=trusted.value)
        taken.append(
            f"package managers trust {trusted.value}, too, as {trusted.by} says; --ca names another"
            " file"
        )
    index = (
        pip_index_url(environment, files)
        if not choices.python_index and not choices.no_index and choices.online
        else None
    )
    if index is not None:
        choices = replace(choices, python_default=index.value)
        taken.append(
            f"Python packages come from {_bare(index.value)}, as {index.by} says, where the image"
            " names no index; --index-url names another"
        )
    return choices, tuple(taken)


def _bare(url: str) -> str:
    """Return a URL without credentials."""
    return re.sub(r"(?<=://)[^/\s@]+@", "", url)


def _globs(option: str, globs: Sequence[str]) -> tuple[str, ...]:
    from careen.patch.globs import parse_glob

    for glob in globs:
        try:
            parse_glob(glob)
        except InputError as error:
            msg = f"{option}: {error}"
            raise InputError(msg) from error
    return tuple(dict.fromkeys(glob.strip() for glob in globs))


def _file(path: Path, option: str) -> Path:
    if not path.is_file():
        msg = f"{option} {path}: no such file"
        raise InputError(msg)
    return path.absolute()


def _place(text: str, option: str) -> str:
    """Return a URL unchanged, and a directory as an absolute path."""
    if not text or text.startswith(("http://", "https://")):
        return text
    directory = Path(text.removeprefix("file://"))
    if not directory.is_dir():
        msg = (
            f"{option} {_bare(text)}: no such directory, and no URL that begins with http:// or"
            " https://"
        )
        raise InputError(msg)
    return str(directory.absolute())


def _host(word: str) -> str:
    from careen.tools.addresses import Permit

    if not re.fullmatch(r"[^\s/@?#]+", word) or not Permit.of([f"//{word}"]).named:
        msg = f"--allow-host: expected HOST or HOST:PORT, got {word[:80]!r}"
        raise InputError(msg)
    return word


def _variable(word: str) -> str:
    """Return `NAME=VALUE` from NAME or NAME=VALUE."""
    # The value may be a secret, so no message shows it.
    name, equals, _ = word.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or "\0" in word:
        msg = f"--patch-env: expected NAME or NAME=VALUE, got a name of {name[:40]!r}"
        raise InputError(msg)
    if equals:
        return word
    if name not in os.environ:
        msg = f"--patch-env {name}: not set here; set it, or give {name}=VALUE"
        raise InputError(msg)
    return f"{name}={os.environ[name]}"
