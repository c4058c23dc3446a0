"""Comparison of the HTTP headers that clients may rely on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.verify.bodies.normal import Noise
from careen.verify.words import brief

# Clients break if one of these changes: body type and encoding, redirect, login, allowed methods.
RELIED_ON = ("allow", "content-encoding", "content-type", "location", "www-authenticate")
# These differ between any two answers, name a proxy, or follow from the body, which is compared.
IGNORED_HEADERS = frozenset(
    {
        "accept-ranges",
        "age",
        "alt-svc",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "digest",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
    }
    | {
        "request-id",
        "server",
        "server-timing",
        "trailer",
        "transfer-encoding",
        "traceparent",
        "via",
        "x-correlation-id",
        "x-process-time",
        "x-request-id",
    }
    | {"x-response-time", "x-runtime", "x-trace-id"}
)
MOST = 64


@dataclass(frozen=True, slots=True)
class HeaderDifference:
    """One header that differs; an empty value means that it is missing.

    `relied_on`: clients may break.
    """

    name: str
    before: str
    after: str
    relied_on: bool


def header_differences(
    before: Mapping[str, str], after: Mapping[str, str], noise: Noise
) -> Iterator[HeaderDifference]:
    """Yield the headers that differ beyond noise, of the first 64 of each side.

    Lists (`allow`, `vary`) are unordered. Of `www-authenticate` only the scheme counts. The
    container's host in `location` is ignored.
    """
    one, two = _lower(before), _lower(after)
    for name in sorted((one.keys() | two.keys()) - IGNORED_HEADERS):
        old, new = one.get(name, ""), two.get(name, "")
        a, b = _meant(name, old, noise), _meant(name, new, noise)
        if a == b:
            continue
        if name == "content-type" and media_type(old) == media_type(new):
            # Only a parameter differs: charset or boundary.
            yield HeaderDifference(name, brief(old, 80), brief(new, 80), relied_on=False)
        else:
            yield HeaderDifference(
                name, brief(old, 80), brief(new, 80), relied_on=name in RELIED_ON
            )


def media_type(content_type: str) -> str:
    """Return `application/json` of `application/json; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Return whether a media type is JSON or based on it."""
    kind = media_type(content_type)
    return kind.endswith(("/json", "+json"))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): headers[name] for name in sorted(headers)[:MOST]}


def _meant(name: str, value: str, noise: Noise) -> str:
    match name:
        case "allow" | "vary" | "access-control-allow-methods" | "access-control-allow-headers":
            return ",".join(sorted(part.strip().lower() for part in value[:4096].split(",")))
        case "www-authenticate":
            return value.strip().partition(" ")[0].lower()
        case "content-type":
            return noise.line(value.lower().replace(" ", "")).partition("boundary=")[0]
        case "location":
            return _path_of(noise.line(value))
        case _:
            return noise.line(value.strip())


def _path_of(location: str) -> str:
    """Return the location without `http://<host>`, which is a port of this machine."""
    for scheme in ("http://<host>", "https://<host>"):
        if location.startswith(scheme):
            return location.removeprefix(scheme) or "/"
    return location
