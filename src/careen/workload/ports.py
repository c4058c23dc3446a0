"""The TCP ports of the container that a workload needs, and their order of preference."""

from careen.model.image import ImageConfig
from careen.model.publish import MAX_PORT, parse_publication
from careen.model.runs.workload import ReadyDefault, ReadyTcp, ReadyUrl, RunOptions, Workload
from careen.workload.ready import url_port

MAX_PUBLISHED = 64  # an image may expose all ports, and publishing them would use up the host's


def parse_publish(text: str) -> tuple[int, ...]:
    """Return the container's TCP ports of one `-p` value, none for UDP.

    Raises InputError for values that docker refuses.
    """
    wanted = parse_publication(text)
    return tuple(wanted.inside) if wanted.protocol == "tcp" else ()


def exposed_tcp_ports(config: ImageConfig) -> tuple[int, ...]:
    """Return the image's exposed TCP ports; invalid entries are skipped, as images are hostile."""
    found: dict[int, None] = {}
    for item in config.exposed_ports:
        number, _, protocol = str(item).partition("/")
        if (
            protocol in ("", "tcp")
            and number.isascii()
            and number.isdigit()
            and 0 < int(number[:9]) <= MAX_PORT
        ):
            found[int(number[:9])] = None
    return tuple(found)[:MAX_PUBLISHED]


def published_ports(options: RunOptions) -> tuple[int, ...]:
    """Return the container TCP ports that `-p` publishes, in order; raise InputError if invalid."""
    return tuple(dict.fromkeys(port for text in options.ports for port in parse_publish(text)))


def fixed_ports(options: RunOptions) -> frozenset[int]:
    """Return the container TCP ports with a host port that the user chose (`-p 8080:80`)."""
    wanted = (parse_publication(text) for text in options.ports)
    return frozenset(
        port for each in wanted if each.host is not None and each.host.start for port in each.inside
    )


def candidate_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """Return the ports at which the workload may answer if nothing names one.

    They are those of `-p`, else the exposed ones.
    """
    return published_ports(workload.run) or exposed_tcp_ports(config)


def asked_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """Return the container TCP ports that the readiness check connects to, none for another check.

    Any one of them may answer.
    """
    match workload.ready:
        case ReadyTcp(port):
            return (port,)
        case ReadyUrl(url):
            named = url_port(url)
            return (named,) if named is not None else candidate_ports(config, workload)
        case ReadyDefault():
            return candidate_ports(config, workload)
        case _:
            return ()


def all_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """Return every TCP port that is reachable from the host during the run.

    Those of `-p` come first, then that of the readiness check, then the exposed ones.
    """
    named: tuple[int | None, ...] = ()
    match workload.ready:
        case ReadyTcp(port):
            named = (port,)
        case ReadyUrl(url):
            named = (url_port(url),)
        case _:
            pass
    ready = tuple(port for port in named if port is not None)
    return tuple(
        dict.fromkeys((*published_ports(workload.run), *ready, *exposed_tcp_ports(config)))
    )


def wanted_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """Return the TCP ports that the engine must publish in addition to `-p`.

    They are that of the readiness check and the exposed ones. Raises InputError.
    """
    given = published_ports(workload.run)
    return tuple(port for port in all_ports(config, workload) if port not in given)
