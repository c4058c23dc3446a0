"""The headers of two answers that a client may rely on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.verify.normal import Noise
from careen.verify.words import brief

# A client breaks where one of these changes: what the body is, where to go on, how to log in, what
# is allowed, how the body is packed.
RELIED_ON = ("allow", "content-encoding", "content-type", "location", "www-authenticate")
# They differ between any two answers, or name what stands before the service, or follow from the
# body, which is compared itself.
PASSED_OVER = frozenset(
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
class HeaderUnlike:
    """One header that differs. `relied_on` says whether clients break; empty text stands for a
    header that is not there.
    """

    name: str
    before: str
    after: str
    relied_on: bool


def unlike_headers(
    before: Mapping[str, str], after: Mapping[str, str], noise: Noise
) -> Iterator[HeaderUnlike]:
    """Yield the headers that differ beyond noise, at most 64 of each side are looked at. Lists
    (`allow`, `vary`) have no order; of `www-authenticate` the scheme counts, of `location` not the
    host that careen gave the container, of `set-cookie` the cookie's name.
    """
    one, two = _lower(before), _lower(after)
    for name in sorted((one.keys() | two.keys()) - PASSED_OVER):
        old, new = one.get(name, ""), two.get(name, "")
        a, b = _meant(name, old, noise), _meant(name, new, noise)
        if a == b:
            continue
        if name == "content-type" and media_type(old) == media_type(new):
            yield HeaderUnlike(
                name, brief(old, 80), brief(new, 80), relied_on=False
            )  # a parameter: charset, boundary
        else:
            yield HeaderUnlike(name, brief(old, 80), brief(new, 80), relied_on=name in RELIED_ON)


def media_type(content_type: str) -> str:
    """Return `application/json` of `application/json; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Say whether a media type is JSON or built on it."""
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
        case "set-cookie":
            return value.partition("=")[0].strip()
        case "content-type":
            return noise.line(value.lower().replace(" ", "")).partition("boundary=")[0]
        case "location":
            return _path_of(noise.line(value))
        case _:
            return noise.line(value.strip())


def _path_of(location: str) -> str:
    """Without `http://<host>`, which is a port of this machine."""
    for scheme in ("http://<host>", "https://<host>"):
        if location.startswith(scheme):
            return location.removeprefix(scheme) or "/"
    return location
