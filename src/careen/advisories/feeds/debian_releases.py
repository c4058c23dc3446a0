"""Debian's codenames and OSV's names of its releases."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def debian_releases() -> Mapping[str, str]:
    """Return OSV's names by codename: `bookworm` → `Debian:12`."""
    data = tomllib.loads(
        (files("careen.advisories") / "data" / "debian_releases.toml").read_text(encoding="utf-8")
    )
    return {codename: f"Debian:{number}" for codename, number in data["releases"].items()}
