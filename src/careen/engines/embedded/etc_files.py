"""The files of /etc that the runtime provides, as in docker: hosts, hostname, resolv.conf."""

import ipaddress
from pathlib import Path
from typing import Any

from careen.errors import InputError

_LIMIT = 64 * 1024
_RESOLV_CONF, _OWN_HOSTS = Path("/etc/resolv.conf"), Path("/etc/hosts")
_HOSTS = """127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_LIMIT)
    except OSError:
        return ""


def _resolv_conf(dns: tuple[str, ...], *, shared: bool) -> str:
    """Return the host's file, with `dns` as its name servers if given.

    Without `dns`, name servers on the loopback are left out unless the network is shared.
    """
    if shared and not dns:
        return _read(_RESOLV_CONF)
    given = "".join(f"nameserver {_address(each)}\n" for each in dns)
    kept = []
    for line in _read(_RESOLV_CONF).splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                if dns or ipaddress.ip_address(words[1].partition("%")[0]).is_loopback:
                    continue
            except ValueError:
                continue
        kept.append(line)
    return given + "".join(f"{line}\n" for line in kept)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        msg = f"--dns {text!r}: not an IP address"
        raise InputError(msg) from error


def etc_mounts(
    directory: Path,
    hostname: str,
    *,
    read_only: bool,
    dns: tuple[str, ...] = (),
    shared: bool = False,
) -> list[dict[str, Any]]:
    """Write hosts, hostname and resolv.conf below `directory` and return their mounts.

    With `shared`, the container has this machine's network and gets its hosts and name servers.
    Raises InputError if a `dns` is not an IP address.
    """
    hosts = (_read(_OWN_HOSTS) if shared else "") or _HOSTS
    end = "" if hosts.endswith("\n") else "\n"
    texts = {
        "hosts": f"{hosts}{end}127.0.0.1\t{hostname}\n",
        "hostname": f"{hostname}\n",
        "resolv.conf": _resolv_conf(dns, shared=shared),
    }
    mounts = []
    for name, text in texts.items():
        path = directory / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        options = ["rbind", "rprivate", *(["ro"] if read_only else [])]
        mounts.append(
            {"destination": f"/etc/{name}", "type": "bind", "source": str(path), "options": options}
        )
    return mounts
