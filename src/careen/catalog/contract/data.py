"""Certificates, time zones, locales, and the files that name services (NSS)."""

import hashlib
from collections.abc import Iterator

from careen.catalog.contract.sides import Pair, Side, row, unknown
from careen.model.catalog.contract import ContractRow

_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
_NSS = ("/etc/nsswitch.conf", "/etc/host.conf", "/etc/services", "/etc/protocols")
_BEGIN = "-----BEGIN CERTIFICATE-----"


def certificates(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the bundle of certificate authorities."""
    theirs, ours = (side.text(_BUNDLE) for side in (pair.upstream, pair.ours))
    counts = [0 if text is None else text.count(_BEGIN) for text in (theirs, ours)]
    one, two = (f"{count} authorities" if count else "none" for count in counts)
    if theirs is not None and ours is not None and set(_pems(theirs)) <= set(_pems(ours)):
        yield row("certificates", "each authority of upstream", "all", "all")
    else:
        reason = "upstream has none, and ours trusts the distribution's" if not counts[0] else ""
        yield row("certificates", _BUNDLE, one, two, reason)


def _pems(text: str) -> list[str]:
    return [part.partition("-----END")[0].strip() for part in text.split(_BEGIN)[1:]]


def time_zones(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for some zones of all continents, and one for the image's own."""
    one, two = (_digests(side) for side in (pair.upstream, pair.ours))
    reason = "upstream has no time zones" if all(part == "-" for part in one) else ""
    yield row("time zones", ", ".join(_ZONES), " ".join(one), " ".join(two), reason)
    one, two = ([_digest(side, "/etc/localtime")] for side in (pair.upstream, pair.ours))
    yield row("time zones", "/etc/localtime", one[0], two[0], reason)


def _digests(side: Side) -> list[str]:
    return [_digest(side, f"/usr/share/zoneinfo/{zone}") for zone in _ZONES]


def _digest(side: Side, path: str) -> str:
    text = side.text(path)
    return "-" if text is None else hashlib.sha256(text.encode()).hexdigest()[:8]


def locale(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the compiled locales."""
    found = []
    for side in (pair.upstream, pair.ours):
        directory = side.rootfs.find("/usr/lib/locale")
        names = () if directory is None else side.rootfs.children(directory.path)
        found.append(" ".join(sorted(name.rpartition("/")[2] for name in names)) or "none")
    yield row("locale", "compiled locales", found[0], found[1])


def name_services(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for each file by which names of hosts and services are found."""
    for path in _NSS:
        theirs, ours = (side.text(path) for side in (pair.upstream, pair.ours))
        if theirs is None:
            yield unknown("NSS and DNS", path, "upstream does not have it")
            continue
        one, two = ("missing" if x is None else _settings(x) for x in (theirs, ours))
        yield row("NSS and DNS", path, one, two)


def _settings(text: str) -> str:
    lines = (" ".join(line.partition("#")[0].split()) for line in text.splitlines())
    return "; ".join(line for line in lines if line)
