"""Which TCP ports of the container a workload needs, and in which order they are thought of as "the
first".
"""

from careen.model.image import ImageConfig
from careen.model.publish import MAX_PORT, parse_publication
from careen.model.workload import ReadyTcp, ReadyUrl, RunOptions, Workload
from careen.workload.ready import url_port

MAX_PUBLISHED = (
    64  # an image may expose every port there is; publishing them all would take the host's
)


def parse_publish(text: str) -> tuple[int, ...]:
    """Return the container's TCP ports of one `-p` value; none for UDP. Raises InputError for what
    docker would refuse.
    """
    wanted = parse_publication(text)
    return tuple(wanted.inside) if wanted.protocol == "tcp" else ()


def exposed_tcp_ports(config: ImageConfig) -> tuple[int, ...]:
    """The image's exposed TCP ports by number; entries that are no port (an image is hostile) are
    passed over.
    """
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
    """The container TCP ports that `-p` publishes, in the order given. Raises InputError."""
    return tuple(dict.fromkeys(port for text in options.ports for port in parse_publish(text)))


def fixed_ports(options: RunOptions) -> frozenset[int]:
    """The container TCP ports that `-p` publishes at a port of the host that the user chose
    (`8080:80`).
    """
    wanted = (parse_publication(text) for text in options.ports)
    return frozenset(
        port for each in wanted if each.host is not None and each.host.start for port in each.inside
    )


def candidate_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """The ports of which any may be the one that the workload answers at, when nothing names one:
    those of `-p`, else the exposed ones.
    """
    return published_ports(workload.run) or exposed_tcp_ports(config)


def all_ports(config: ImageConfig, workload: Workload) -> tuple[int, ...]:
    """Every TCP port that is reachable from the host during the run: those of `-p`, of the
    readiness check, then the exposed ones.
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
    """The TCP ports that the engine must publish besides `-p`: exposed ones, and those of the
    readiness check. Raises InputError.
    """
    given = published_ports(workload.run)
    return tuple(port for port in all_ports(config, workload) if port not in given)
