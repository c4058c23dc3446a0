"""Meaning of what skopeo prints when it fails: the kind of failure, and one line for the user."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from careen.tools.process import Finished


class Failure(enum.Enum):
    """A kind of failure, with what to do about it; `{host}` is the registry."""

    PLAIN_HTTP = (
        "the registry speaks plain HTTP; --tls-verify=false allows that, if you trust the network"
    )
    CERTIFICATE = (
        "its certificate is not trusted; name your authority's file in SSL_CERT_FILE, or put it"
        " below /etc/containers/certs.d/{host}"
    )
    LOGIN = "the registry wants other credentials; log in with `skopeo login {host}`"
    DENIED = "the registry denies this account the access"
    ABSENT = "the registry has no such image; check the name"
    DIGEST = (
        "the registry sent content that does not match its digest, and nothing of it is used; try"
        " again, and tell the registry's owner"
    )
    ROOTLESS = (
        "a store of an ordinary user needs newuidmap and newgidmap (for example `apt-get install"
        " uidmap`), and user ids of its own in /etc/subuid and /etc/subgid"
    )
    DISK = "the disk is full; free some space or name another directory with --work-dir"
    BLOCKED = "this machine's registries.conf or policy.json forbids it"
    UNRESOLVED = "the registry's name cannot be resolved; check the name and the network"
    THROTTLED = "the registry limits the number of requests; try again later"
    SERVER = "the registry fails; try again later"
    UNREACHABLE = "the registry cannot be reached; check the name and the network"
    CUT = "the connection broke; check the network, and try again"
    OTHER = "see the registry and `skopeo --version`"


TRIES: Mapping[Failure, int] = {
    Failure.THROTTLED: 5,
    Failure.SERVER: 5,
    Failure.CUT: 5,
    Failure.UNREACHABLE: 2,  # usually there is no network
}
"""Attempts at a call by its failure, with 1, 2, 4 and 8 seconds between; else one."""

# The first that matches decides: an error that mentions a digest may also end in EOF.
_WORDS: Mapping[Failure, tuple[str, ...]] = {
    Failure.PLAIN_HTTP: (
        "HTTP response to HTTPS client",
        "does not look like a TLS handshake",
    ),
    Failure.ROOTLESS: ("newuidmap", "newgidmap", "setresgid", "subuid ranges"),
    Failure.DISK: ("no space left on device", "disk quota exceeded"),
    Failure.DIGEST: (
        "digest did not match",
        "digest mismatch",
        "does not match",
        "would not match",
        "digest invalid",
    ),
    Failure.CERTIFICATE: ("x509:", "certificate"),
    Failure.BLOCKED: ("is blocked in", "rejected by policy", r"policy\.json"),
    Failure.THROTTLED: (r"\b429\b", "toomanyrequests", "too many requests"),
    Failure.SERVER: (
        r"\b50[0-4]\b",
        "internal server error",
        "bad gateway",
        "service unavailable",
        "gateway time-?out",
    ),
    Failure.LOGIN: (
        "authentication required",
        "unauthorized",
        "username/password",
        "username or password",
        r"\b401\b",
    ),
    Failure.DENIED: ("denied", "forbidden", r"\b403\b"),
    Failure.ABSENT: (
        "manifest unknown",
        "name unknown",
        "not known to registry",
        "not found",
        r"\b404\b",
        "does not resolve to an image",
        "identifier is not an image",
    ),
    Failure.UNRESOLVED: ("no such host",),
    Failure.UNREACHABLE: (
        "dial tcp",
        "server misbehaving",
        "temporary failure in name resolution",
        "network is unreachable",
        "no route to host",
    ),
    Failure.CUT: (
        r"\bEOF\b",
        "connection (?:reset|refused|lost|broken)",
        "broken pipe",
        "timeout",
        "timed out",
        "deadline exceeded",
        "closed network connection",
        "stream error",
        "GOAWAY",
    ),
}
_PATTERNS = {kind: re.compile("|".join(words), re.IGNORECASE) for kind, words in _WORDS.items()}

_MESSAGE = re.compile(r'level=fatal msg="((?:[^"\\]|\\.)*)"')
_EARLIER = re.compile(r'level=error msg="((?:[^"\\]|\\.)*)"')
_PREAMBLE = re.compile(
    r'(?:Error parsing image name "[^"]*"|initializing (?:source|destination) \S+|FATA\[\d+\]): '
)
# Storage behind a registry is reached by signed addresses: who has the query has the blob.
_SECRET = re.compile(r"(?<=[/\w])\?[^\s\"]+|(?<=://)[^\s/@\"]+@")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class SkopeoFailure:
    """A failure of skopeo: its kind, its own words in one line, and the number of attempts."""

    kind: Failure
    words: str
    attempts: int = 1


def failure_of(done: Finished) -> SkopeoFailure:
    """Return what a failed call of skopeo says. The text is the registry's in part."""
    text = _words(done)
    kind = next(
        (kind for kind, pattern in _PATTERNS.items() if pattern.search(text)), Failure.OTHER
    )
    return SkopeoFailure(kind, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _words(done: Finished) -> str:
    said = done.stderr.decode("utf-8", "replace")
    # Without a last message, skopeo failed before its work: the first error is the cause.
    found = _MESSAGE.findall(said)[-1:] or _EARLIER.findall(said)[:1]
    if not found:
        return _SECRET.sub("", done.complaint)
    text = re.sub(r"\\(.)", r"\1", found[0])
    return _SECRET.sub("", _PREAMBLE.sub("", " ".join(text.split())))
