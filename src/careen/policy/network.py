"""The ports that a workload listens on, and the addresses that it connected to."""

import ipaddress

from careen.model.policies.policy import Peer
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Endpoint, SensorKind
from careen.policy.blind_runs import workload_runs

DNS = 53
_INTERNET = ("inet", "inet6")


_NO_SENSOR = (
    "the sensor of the profiled runs records no endpoints, so ports and addresses are unknown:"
    " profile with the eBPF sensor"
)


def network_unknown(bom: RuntimeBom) -> str:
    """Return why ports and addresses are unknown, or ""."""
    seen = any(run.sensor.kind is SensorKind.EBPF for run in workload_runs(bom))
    return "" if seen else _NO_SENSOR


def listening_ports(bom: RuntimeBom) -> tuple[int, ...]:
    """Return the ports that were bound on an address which others can reach, sorted."""
    return tuple(
        sorted(
            {
                each.port
                for each in bom.endpoints
                if each.direction == "bind" and each.port and _is_outside(each)
            }
        )
    )


def peers(bom: RuntimeBom) -> tuple[Peer, ...]:
    """Return the addresses beyond the container that were connected or sent to, sorted."""
    found = {
        Peer(each.address, each.port, udp=each.direction == "send")
        for each in bom.endpoints
        if each.direction in ("connect", "send") and each.port and _is_outside(each)
    }
    return tuple(sorted(found, key=lambda peer: (peer.address, peer.port, peer.udp)))


def _is_outside(endpoint: Endpoint) -> bool:
    """Return whether an endpoint is of the internet families, and not of the loopback."""
    if endpoint.family not in _INTERNET:
        return False
    try:
        address = ipaddress.ip_address(endpoint.address.partition("%")[0])
    except ValueError:
        return False
    inside = getattr(address, "ipv4_mapped", None) or address
    return not inside.is_loopback
