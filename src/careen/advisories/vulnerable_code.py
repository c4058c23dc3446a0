"""Modules that advisories are about, where no feed names them: `data/vulnerable_code.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from careen.model.findings.advisory import ImportedCode
from careen.model.packages.package import Package


def known_code(package: Package, identifier: str) -> tuple[ImportedCode, ...]:
    """Return the code of a package that a vulnerability is about; () if it is not known."""
    return _known().get((f"{package.ecosystem.value}:{package.name}", identifier), ())


@cache
def _known() -> Mapping[tuple[str, str], tuple[ImportedCode, ...]]:
    text = (files("careen.advisories") / "data" / "vulnerable_code.toml").read_text("utf-8")
    return {
        (each["package"], each["id"]): tuple(
            ImportedCode(module, source=each["source"]) for module in each["modules"]
        )
        for each in tomllib.loads(text)["code"]
    }
