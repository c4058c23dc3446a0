"""Certificates, time zones, locales, and the files that name services (NSS)."""

import base64
import hashlib
from collections.abc import Collection, Iterator

from careen.catalog.contract.sides import Pair, Side, not_applicable, row, unknown
from careen.model.catalog.contract import ContractRow
from careen.model.paths import ImagePath

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Red Hat
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
_NSS = ("/etc/nsswitch.conf", "/etc/host.conf", "/etc/services", "/etc/protocols")
_BLOCK = 1 << 20
CONTRACT_FILES = {
    "users, groups": ("/etc/passwd", "/etc/group"),
    "certificates": _BUNDLES,
    "time zones": ("/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone"),
    "locale": ("/usr/lib/locale",),
    "NSS and DNS": _NSS,
    "ld.so": ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
    "scanners": ("/etc/os-release", "/usr/lib/os-release", "/etc/debian_version"),
}
"""The files by which items are compared, directories with all that is below them."""
_BEGIN = "-----BEGIN CERTIFICATE-----"


def certificates(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the bundle of certificate authorities."""
    path = _bundle(pair)
    theirs, ours = (side.text(path) for side in (pair.upstream, pair.ours))
    counts = [0 if text is None else text.count(_BEGIN) for text in (theirs, ours)]
    one, two = (f"{count} authorities" if count else "none" for count in counts)
    if not any(counts):
        yield unknown("certificates", ", ".join(_BUNDLES), "neither image has authorities there")
        return
    more = set(_pems(ours or "")) - set(_pems(theirs or ""))
    if counts[0] and set(_pems(theirs or "")) <= set(_pems(ours or "")):
        yield row("certificates", "each authority of upstream", "all", "all")
        if more:
            reason = "ours trusts authorities that upstream does not; look at each"
            yield row("certificates", "added", "none", _fingerprints(more), reason)
    else:
        reason = "upstream has none, and ours trusts the distribution's" if not counts[0] else ""
        yield row("certificates", path, one, two, reason)


def _bundle(pair: Pair) -> str:
    """Return the first bundle with authorities that upstream has, else the first of ours."""
    there = (
        path
        for side in (pair.upstream, pair.ours)
        for path in _BUNDLES
        if _BEGIN in (side.text(path) or "")
    )
    return next(there, _BUNDLES[0])


def _pems(text: str) -> list[str]:
    return ["".join(part.partition("-----END")[0].split()) for part in text.split(_BEGIN)[1:]]


def _fingerprints(pems: Collection[str]) -> str:
    """Return the number of certificates, and the start of the SHA-256 of each."""
    found = sorted(hashlib.sha256(_decoded(pem)).hexdigest()[:16] for pem in pems)
    return f"{len(found)}: {', '.join(found)}"


def _decoded(pem: str) -> bytes:
    try:
        return base64.b64decode(pem)
    except ValueError:
        return pem.encode()


def time_zones(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for UTC and four other zones, and one for the image's own."""
    one, two = (_digests(side) for side in (pair.upstream, pair.ours))
    reason = "upstream has no time zones" if all(part == "-" for part in one) else ""
    yield _compared("time zones", ", ".join(_ZONES), one, two, reason)
    one, two = ([_digest(side, "/etc/localtime")] for side in (pair.upstream, pair.ours))
    yield _compared("time zones", "/etc/localtime", one, two, reason)


def _compared(item: str, what: str, one: list[str], two: list[str], reason: str) -> ContractRow:
    if all(part == "-" for part in (*one, *two)):
        return unknown(item, what, "neither image has it")
    return row(item, what, " ".join(one), " ".join(two), reason)


def _digests(side: Side) -> list[str]:
    return [_digest(side, f"/usr/share/zoneinfo/{zone}") for zone in _ZONES]


def _digest(side: Side, path: str) -> str:
    data = side.data(path)
    return "-" if data is None else hashlib.sha256(data).hexdigest()[:8]


def locale(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the compiled locales, with the digests of their files."""
    one, two = (_locales(side) for side in (pair.upstream, pair.ours))
    if pair.upstream.is_musl and not one and not two:
        yield not_applicable("locale", "compiled locales", "musl has none: its locale is UTF-8")
        return
    if not one and not two:
        yield unknown("locale", "compiled locales", "neither image has one")
        return
    yield row("locale", "compiled locales", one or "none", two or "none")


def _locales(side: Side) -> str:
    top = side.rootfs.find("/usr/lib/locale")
    paths = () if top is None else sorted(side.rootfs.children(top.path))
    return ", ".join(f"{path.rpartition('/')[2]} {_content(side, path)}" for path in paths)


def _content(side: Side, top: ImagePath) -> str:
    """Return the start of a digest over the names and bytes of all files below a path."""
    digest = hashlib.sha256()
    below = [entry for entry in side.rootfs if f"{entry.path}/".startswith(f"{top}/")]
    for entry in sorted(below, key=lambda each: each.path):
        digest.update(f"{entry.path}\0{entry.kind.value}\0{entry.target}\0{entry.size}\0".encode())
        if entry.is_file:
            with side.rootfs.open(entry.path) as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
    return digest.hexdigest()[:8]


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
