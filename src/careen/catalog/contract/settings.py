"""What the configuration of the image says: environment, user, command."""

from collections.abc import Iterator

from careen.catalog.contract.sides import Pair, row
from careen.model.catalog.contract import ContractRow


def environment(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for each variable that upstream sets, and one for those that ours adds."""
    theirs, ours = pair.upstream.config.env, pair.ours.config.env
    for name, value in theirs.items():
        # a version or a checksum of an upstream's own build says nothing of ours
        own = name.endswith(("_VERSION", "_SHA256", "_KEY", "_KEYS"))
        reason = "upstream names its own build" if own else ""
        yield row("environment", name, value, ours.get(name, "not set"), reason)
    if added := sorted(ours.keys() - theirs.keys()):
        values = ", ".join(f"{name}={ours[name]}" for name in added)
        yield row("environment", "added", "", values, "the entry sets it")


def process(pair: Pair) -> Iterator[ContractRow]:
    """Yield rows for user, entrypoint, command, directory, stop signal, ports and volumes."""
    one, two = pair.upstream.config, pair.ours.config
    reason = "the variant does not run as root" if pair.is_runtime else ""
    yield row("user", "of the image", one.user or "root", two.user or "root", reason)
    yield row("entrypoint", "ENTRYPOINT", " ".join(one.entrypoint), " ".join(two.entrypoint))
    shell = one.cmd and one.cmd[0].rpartition("/")[2] in ("sh", "bash")
    reason = "the variant has no shell to start" if pair.is_runtime and shell else ""
    yield row("entrypoint", "CMD", " ".join(one.cmd), " ".join(two.cmd), reason)
    yield row("entrypoint", "WORKDIR", one.working_dir, two.working_dir)
    yield row("PID 1", "stop signal", one.stop_signal, two.stop_signal)
    yield row("entrypoint", "ports", " ".join(one.exposed_ports), " ".join(two.exposed_ports))
    yield row("entrypoint", "volumes", " ".join(one.volumes), " ".join(two.volumes))
