"""What the configuration of the image says: environment, user, command."""

import json
from collections.abc import Iterator, Sequence

from careen.catalog.contract.accounts import names
from careen.catalog.contract.shells import is_shell
from careen.catalog.contract.sides import Pair, Side, row
from careen.model.catalog.contract import ContractRow
from careen.model.image import ImageConfig


def environment(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for each variable that upstream sets, and one for those that ours adds."""
    theirs, ours = pair.upstream.config.env, pair.ours.config.env
    for name, value in theirs.items():
        # a version or a checksum of an upstream's own build says nothing of ours
        own = name.endswith(("_VERSION", "_SHA256", "_KEY", "_KEYS"))
        reason = "upstream names its own build" if own else ""
        yield row("environment", name, value, ours.get(name, "not set"), reason)
    added = sorted((name, ours[name]) for name in ours.keys() - theirs.keys())
    if set_by := [each for each in added if each in pair.variables]:
        yield row("environment", "added", "", _assigned(set_by), "the entry sets it")
    if foreign := [each for each in added if each not in pair.variables]:
        yield row("environment", "added, and not by the catalog", "none", _assigned(foreign))


def _assigned(variables: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in variables)


def process(pair: Pair) -> Iterator[ContractRow]:
    """Yield rows for user, entrypoint, command, directory, stop signal, ports and volumes."""
    one, two = pair.upstream.config, pair.ours.config
    if not pair.is_runtime:
        yield row("user", "of the image", one.user or "root", two.user or "root")
    elif _is_root(pair.ours):
        yield row("user", "of a runtime", "not root", f"root ({two.user or 'no USER'})")
    else:
        reason = "the variant does not run as root"
        yield row("user", "of the image", one.user or "root", two.user, reason)
    yield row("entrypoint", "ENTRYPOINT", _words(one.entrypoint), _words(two.entrypoint))
    shell = one.cmd and is_shell(one.cmd[0])
    # the variant may lose the shell, and start nothing in its place
    gone = pair.is_runtime and shell and not two.cmd
    reason = "the variant has no shell to start" if gone else ""
    yield row("entrypoint", "CMD", _words(one.cmd), _words(two.cmd), reason)
    yield row("entrypoint", "HEALTHCHECK", _healthcheck(one), _healthcheck(two))
    yield row("entrypoint", "WORKDIR", one.working_dir, two.working_dir)
    yield row("PID 1", "stop signal", one.stop_signal, two.stop_signal)
    yield row("entrypoint", "ports", _words(one.exposed_ports), _words(two.exposed_ports))
    yield row("entrypoint", "volumes", _words(one.volumes), _words(two.volumes))


def _is_root(side: Side) -> bool:
    """Say whether the image's user has number 0, by its number or by /etc/passwd."""
    user = side.config.user.partition(":")[0] or "0"
    if user.isdigit():
        return int(user[:20]) == 0
    # a name that the image does not have starts nothing, and "root" is 0 everywhere
    return user == "root" or names(side.rootfs, "/etc/passwd").get(user, "").strip("0") == ""


def _healthcheck(config: ImageConfig) -> str:
    found = config.healthcheck
    raw = (config.document.get("config") or {}).get("Healthcheck")
    return "none" if found is None else json.dumps(raw, ensure_ascii=False, sort_keys=True)


def _words(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False) if words else ""
