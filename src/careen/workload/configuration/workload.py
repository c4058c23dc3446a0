"""A `[workload.NAME]` table of careen.toml; its keys mirror the command line's options."""

import re
from collections.abc import Iterator

from careen.errors import InputError
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import (
    Limits,
    ReadyDefault,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.model.sizes import size_in_bytes
from careen.tools.toml.table import Table, kind_of
from careen.workload.ports import parse_publish
from careen.workload.ready import parse_ready

_KEYS = (
    "args",
    "entrypoint",
    "env",
    "exec",
    "gpus",
    "network",
    "observe",
    "ports",
    "read_only",
    "ready",
    "service",
    "shm_size",
    "test",
    "timeout",
    "tmpfs",
    "user",
    "verify_exec",
    "verify_test",
    "volumes",
)
_VARIABLE = re.compile(r"[^=\0]+(=[^\0]*)?\Z", re.DOTALL)


def read_workload(name: str, table: Table) -> Workload:
    """Return the workload of a table; raise ConfigError for wrong values.

    `validate_workload` later checks that it tests anything, after the command line's options.
    """
    table.only(_KEYS)
    ready = table.text("ready")
    return Workload(
        name=name,
        ready=table.parsed("ready", ready, parse_ready) if ready is not None else ReadyDefault(),
        tests=(
            *_commands(table, "test", TestPlace.HOST),
            *_commands(table, "exec", TestPlace.CONTAINER),
        ),
        observe=table.duration("observe", 0.0),
        run=_options(table),
        limits=_limits(table.table("timeout")),
        held_out=(
            *_commands(table, "verify_test", TestPlace.HOST),
            *_commands(table, "verify_exec", TestPlace.CONTAINER),
        ),
    )


def _commands(table: Table, key: str, place: TestPlace) -> Iterator[TestCommand]:
    return (TestCommand(place, command) for command in table.texts(key))


def _options(table: Table) -> RunOptions:
    shm_size = table.text_or_number("shm_size")
    if shm_size is not None:
        table.parsed("shm_size", shm_size, lambda text: size_in_bytes(text, "not a size:"))
    return RunOptions(
        env=_env(table),
        volumes=_volumes(table),
        ports=_ports(table),
        user=table.text_or_number("user"),
        read_only=table.flag("read_only"),
        network=_network(table),
        tmpfs=_tmpfs(table),
        gpus=table.text_or_number("gpus"),
        shm_size=shm_size,
        # An empty one drops the image's, as in docker.
        entrypoint="" if table.values.get("entrypoint") == "" else table.text("entrypoint"),
        args=_args(table),
        compose=_compose(table),
    )


def _compose(table: Table) -> ComposeService | None:
    """Return the service of the compose file, which is read later."""
    name = table.text("service")
    return ComposeService(name) if name else None


def _network(table: Table) -> str | None:
    """Return `none` or None; a workload gets no other network than in docker."""
    word = table.text("network")
    if word not in {None, "none"}:
        table.fail("network", f"expected 'none', got {word!r}")
    return word


def _env(table: Table) -> tuple[str, ...]:
    """Return `NAME=value` or `NAME` words, from an array of them or a table of values."""
    if not isinstance(table.values.get("env"), dict):
        items = table.texts("env")
        for i, item in enumerate(items):
            if not _VARIABLE.match(item):
                table.document.fail(
                    (*table.place, "env", i), f"not a variable: {item!r}; expected NAME=value"
                )
        return items
    below = table.table("env")
    out: list[str] = []
    for key, value in below.values.items():
        if not _VARIABLE.match(key) or "=" in key:
            below.fail(key, "not a variable's name")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            below.fail(key, f"expected text or a number, got {kind_of(value)}")
        if "\0" in str(value):
            below.fail(key, "holds a NUL character")
        out.append(f"{key}={value}")
    return tuple(out)


def _ports(table: Table) -> tuple[str, ...]:
    value = table.values.get("ports")
    items = value if isinstance(value, list) else [value] if value is not None else []
    out: list[str] = []
    for i, item in enumerate(items):
        place = (*table.place, "ports", i) if isinstance(value, list) else (*table.place, "ports")
        if isinstance(item, bool) or not isinstance(item, str | int):
            table.document.fail(
                place, f"expected a port or text like '8080:80', got {kind_of(item)}"
            )
        try:
            parse_publish(str(item))
        except InputError as error:
            table.document.fail(place, str(error))
        out.append(str(item))
    return tuple(out)


def _volumes(table: Table) -> tuple[str, ...]:
    items = table.texts("volumes")
    for i, item in enumerate(items):
        parts = item.split(":")
        inside = parts[0] if len(parts) == 1 else parts[1]
        # source, target, options
        if len(parts) > 3 or not inside.startswith("/") or not parts[0]:  # noqa: PLR2004
            table.document.fail(
                (*table.place, "volumes", i),
                f"not a volume: {item!r}; expected source:/path[:options]",
            )
    return items


def _tmpfs(table: Table) -> tuple[str, ...]:
    items = table.texts("tmpfs")
    for i, item in enumerate(items):
        if not item.startswith("/"):
            table.document.fail(
                (*table.place, "tmpfs", i),
                f"not a path in the container: {item!r}; expected /path[:options]",
            )
    return items


def _args(table: Table) -> tuple[str, ...]:
    """Return an array of texts, which may be empty."""
    # A single text would have to be split, and there is no clear rule for that.
    value = table.values.get("args", [])
    if not isinstance(value, list):
        table.fail(
            "args", f'expected an array of texts, got {kind_of(value)}; write ["--flag", "value"]'
        )
    for i, item in enumerate(value):
        if not isinstance(item, str) or "\0" in item:
            table.document.fail(
                (*table.place, "args", i),
                f"expected text, got {kind_of(item)}"
                if not isinstance(item, str)
                else "holds a NUL character",
            )
    return tuple(value)


def _limits(table: Table) -> Limits:
    table.only(("ready", "stop", "test"))
    default = Limits()
    limits = Limits(
        table.duration("ready", default.ready),
        table.duration("test", default.test),
        table.duration("stop", default.stop),
    )
    for key in ("ready", "test"):
        if key in table.values and getattr(limits, key) <= 0:
            table.fail(key, "must be longer than 0 s")
    return limits
