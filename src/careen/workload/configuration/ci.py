"""The table `ci` of careen.toml: what `careen ci` does in a pipeline."""

import re
from dataclasses import dataclass
from pathlib import Path

from careen.model.integration import Mode
from careen.tools.toml.table import Table

_KEYS = (
    "cache",
    "evidence",
    "exceptions",
    "explore",
    "fail_on",
    "image",
    "inputs",
    "key",
    "mode",
    "name",
    "output",
    "outputs",
    "push",
    "tag",
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z", re.ASCII)
EXPLORE = ("whole", "always")
NAMES = "expected letters, digits, '_', '.' and '-', 128 at most"


@dataclass(frozen=True, slots=True)
class CiConfig:
    """The table `ci`; None or empty for missing settings.

    `evidence`, `cache`, `exceptions` and `inputs` are joined to careen.toml's directory.
    """

    mode: Mode | None = None
    name: str | None = None
    image: str | None = None
    tag: str | None = None
    output: tuple[str, ...] = ()
    push: bool = False
    fail_on: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    evidence: Path | None = None
    cache: Path | None = None
    exceptions: Path | None = None
    inputs: tuple[Path, ...] = ()
    key: str | None = None
    explore: str | None = None


def read_ci(table: Table, directory: Path) -> CiConfig:
    """Return the table of a careen.toml in `directory`; raise ConfigError with file and line."""
    table.only(_KEYS)
    mode, name = table.text("mode"), table.text("name")
    words = tuple(each.value for each in Mode)
    if mode is not None and mode not in words:
        table.fail("mode", f"expected one of {', '.join(words)}, got {mode!r}")
    if name is not None and not NAME.match(name):
        table.fail("name", f"not a name of a result: {name!r}; {NAMES}")
    explore = table.text("explore")
    if explore is not None and explore not in EXPLORE:
        table.fail("explore", f"expected one of {', '.join(EXPLORE)}, got {explore!r}")
    evidence, cache, exceptions = (table.text(key) for key in ("evidence", "cache", "exceptions"))
    return CiConfig(
        mode=Mode(mode) if mode else None,
        name=name,
        image=table.text("image"),
        tag=table.text("tag"),
        output=table.texts("output"),
        push=table.flag("push"),
        fail_on=table.texts("fail_on"),
        outputs=table.texts("outputs"),
        evidence=directory / evidence if evidence else None,
        cache=directory / cache if cache else None,
        exceptions=directory / exceptions if exceptions else None,
        inputs=tuple(directory / item for item in table.texts("inputs")),
        key=table.text("key"),
        explore=explore,
    )
