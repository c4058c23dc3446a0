"""The table `patch` of careen.toml: the options of `careen patch`."""

from dataclasses import dataclass, field
from pathlib import Path

from careen.model.patching import Reach
from careen.tools.toml.table import Table

_KEYS = (
    "allow_hosts",
    "allow_major",
    "certificates",
    "environment",
    "exclude",
    "find_links",
    "ignore_unfixed",
    "keys",
    "maven",
    "no_index",
    "npm_registry",
    "online",
    "host_network",
    "only",
    "policy",
    "python_index",
    "reach",
    "sources",
    "tooling",
)


@dataclass(frozen=True, slots=True)
class PatchConfig:
    """The table `patch`, with the values of `PatchChoices`; None or empty for missing settings.

    Paths are joined to careen.toml's directory; URLs are unchanged.
    """

    reach: Reach | None = None
    allow_major: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore_unfixed: bool = False
    policy: Path | None = None
    sources: tuple[str, ...] = ()
    keys: tuple[Path, ...] = ()
    python_index: str | None = None
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    npm_registry: str | None = None
    maven: str | None = None
    environment: tuple[str, ...] = field(default=(), repr=False)  # it may hold credentials
    certificates: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    tooling: str | None = None
    online: bool = True
    host_network: bool = False


def read_patch(table: Table, directory: Path) -> PatchConfig:
    """Return the table of a careen.toml in `directory`; raise ConfigError with file and line."""
    table.only(_KEYS)
    reach, policy, certificates, maven = (
        table.text(key) for key in ("reach", "policy", "certificates", "maven")
    )
    if reach is not None and reach not in {each.value for each in Reach}:
        table.fail(
            "reach", f"expected one of {', '.join(each.value for each in Reach)}, got {reach!r}"
        )
    return PatchConfig(
        reach=Reach(reach) if reach else None,
        allow_major=table.flag("allow_major"),
        only=table.texts("only"),
        exclude=table.texts("exclude"),
        ignore_unfixed=table.flag("ignore_unfixed"),
        policy=directory / policy if policy else None,
        sources=table.texts("sources"),
        keys=tuple(directory / item for item in table.texts("keys")),
        python_index=table.text("python_index"),
        find_links=tuple(_placed(item, directory) for item in table.texts("find_links")),
        no_index=table.flag("no_index"),
        npm_registry=table.text("npm_registry"),
        maven=_placed(maven, directory) if maven else None,
        environment=table.texts("environment"),
        certificates=directory / certificates if certificates else None,
        allowed_hosts=table.texts("allow_hosts"),
        tooling=table.text("tooling"),
        online=table.flag("online") if "online" in table.values else True,
        host_network=table.flag("host_network") if "host_network" in table.values else False,
    )


def _placed(text: str, directory: Path) -> str:
    return text if "://" in text else str(directory / text)
