"""What the egress proxy takes for a request, and where it would connect to. Nothing here
connects.
"""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.engines.network.egress_request import (
    MAX_HEAD,
    RefusedRequestError,
    Request,
    RequestReader,
)
from careen.engines.network.egress_route import EgressPolicy, absolute, upstream_of
from careen.errors import InputError
from careen.model.patching import PatchChoices
from careen.pipeline.upgrading.egress import egress_policy
from careen.tools.addresses import Permit, RefusedAddressError, Resolved

HOST = b"Host: mirror.example\r\n"


def read(data: bytes) -> Request:
    found = RequestReader().feed(data)
    assert found is not None
    return found


def refused(data: bytes) -> RefusedRequestError:
    with pytest.raises(RefusedRequestError) as caught:
        RequestReader().feed(data)
    return caught.value


def test_a_tunnel_and_a_plain_request_are_read() -> None:
    tunnel = read(b"CONNECT index.example:443 HTTP/1.1\r\nHost: index.example:443\r\n\r\n")
    assert (tunnel.tunnel, tunnel.host, tunnel.port) == (True, "index.example", 443)
    six = read(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (six.host, six.authority) == ("2001:db8::1", "[2001:db8::1]:443")
    plain = read(b"GET http://mirror.example/a?b=c HTTP/1.1\r\n" + HOST + b"\r\n")
    assert (plain.tunnel, plain.host, plain.port, plain.path) == (
        False,
        "mirror.example",
        80,
        "/a?b=c",
    )
    assert absolute(plain) == "http://mirror.example/a?b=c"
    assert read(b"GET http://mirror.example:8080 HTTP/1.0\r\n\r\n").port == 8080


def test_what_goes_on_is_written_anew() -> None:
    request = read(
        b"GET http://mirror.example/a HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: Basic"
        b" eDp5\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nUpgrade: h2c\r\nRange:"
        b" bytes=0-9\r\nX-Folded: a\r\n b\r\n\r\nGET /second HTTP/1.1\r\nHost:"
        b" other.example\r\n\r\n"
    )
    assert (
        request.head(request.path)
        == b"GET /a HTTP/1.1\r\nHost: mirror.example\r\nConnection: close\r\nrange:"
        b" bytes=0-9\r\nx-folded: a b\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"GET /local HTTP/1.1\r\n" + HOST, 400, "expected http://HOST/PATH"),
        (b"GET http://user:word@mirror.example/ HTTP/1.1\r\n" + HOST, 400, "user name"),
        (b"GET http://good.example@127.0.0.1/ HTTP/1.1\r\n" + HOST, 400, "user name"),
        (b"GET ftp://mirror.example/ HTTP/1.1\r\n" + HOST, 400, "expected http://"),
        (b"GET https://mirror.example/ HTTP/1.1\r\n" + HOST, 400, "CONNECT"),
        (b"GET http://mirror.example:99999/ HTTP/1.1\r\n" + HOST, 400, ""),
        (b"GET http://mirror%2eexample/ HTTP/1.1\r\n" + HOST, 400, "HOST:PORT"),
        (b"GET http://[::1%25lo]/ HTTP/1.1\r\n" + HOST, 400, ""),
        (b"POST http://mirror.example/ HTTP/1.1\r\nContent-Length: 1\r\n" + HOST, 413, "body"),
        (b"POST http://mirror.example/ HTTP/1.1\r\n" + HOST, 405, "POST"),
        (
            b"GET http://mirror.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST,
            413,
            "body",
        ),
        (
            b"GET http://mirror.example/ HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n"
            + HOST,
            400,
            "",
        ),
        (
            b"GET http://mirror.example/ HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding:"
            b" chunked\r\n" + HOST,
            413,
            "body",
        ),
        (b"GET http://mirror.example/ HTTP/1.1\r\n" + HOST + HOST, 400, "Host"),
        (b"GET http://mirror.example/ HTTP/1.0\r\n" + HOST + HOST, 400, "Host"),
        (b"GET http://mirror.example/ HTTP/1.1\r\nX : y\r\n" + HOST, 400, ""),
        (b"GET http://mirror.example/ HTTP/1.1\r\nX: a\0b\r\n" + HOST, 400, ""),
        (b"CONNECT mirror.example HTTP/1.1\r\n" + HOST, 400, "HOST:PORT"),
        (b"CONNECT mirror.example:0 HTTP/1.1\r\n" + HOST, 400, "HOST:PORT"),
        (b"CONNECT user@mirror.example:443 HTTP/1.1\r\n" + HOST, 400, "HOST:PORT"),
        (b"PRI * HTTP/2.0\r\n", 405, ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n", 400, ""),
        (b"X" * 10 + b"\r\n", 400, ""),
    ],
)
def test_what_is_no_request_or_not_served_is_refused(data: bytes, status: int, words: str) -> None:
    error = refused(data + b"\r\n")
    assert error.status == status
    assert words in error.reason
    assert error.reason.isprintable()


def test_a_head_has_a_limit_however_it_comes() -> None:
    assert refused(b"GET http://mirror.example/ HTTP/1.1\r\nX: " + b"x" * MAX_HEAD).status == 431
    reader, fed = RequestReader(), 0
    while (status := answered(reader, b"x")) == 0:
        fed += 1
    assert (status, fed <= MAX_HEAD) == (431, True)


def answered(reader: RequestReader, data: bytes) -> int:
    """The status of a refusal; 0 for none."""
    try:
        reader.feed(data)
    except RefusedRequestError as error:
        return error.status if error.reason.isascii() and error.reason.isprintable() else -1
    return 0


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_are_anything_but_a_request_or_a_refusal(data: bytes, after: bool) -> None:
    head = b"GET http://mirror.example/ HTTP/1.1\r\n" + data if after else data
    assert answered(RequestReader(), head + b"\r\n\r\n") in {0, *range(400, 600)}


# --- where a request goes


def answering(*addresses: str) -> EgressPolicy:
    """A policy whose resolver answers with these addresses, and judges them as ever."""
    from careen.tools.addresses import resolve

    def lookup(host: str, port: int, **_: object) -> list[object]:
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, 0, 0, "", (each, port))
            for each in addresses
        ]

    return EgressPolicy(resolve=lambda host, port, permit: resolve(host, port, permit, lookup))


def tunnel(host: str, port: int = 443) -> Request:
    return Request("CONNECT", host, port)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.17.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
        ),
        *(
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
        ),
        *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fec0::1"),
    ],
)
def test_a_name_that_leads_nearby_is_refused(address: str) -> None:
    with pytest.raises(RefusedRequestError) as caught:
        answering(address).addresses(tunnel("mirror.example"))
    assert (caught.value.status, address in caught.value.reason) == (403, False)
    assert caught.value.reason.startswith("mirror.example ")
    with pytest.raises(RefusedRequestError):
        answering("93.184.215.14", address).addresses(tunnel("mirror.example"))
    with pytest.raises(RefusedRequestError):
        EgressPolicy().addresses(tunnel(address))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "0x7f000001", "2130706433", "127.1", "017700000001"]
)
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(RefusedRequestError) as caught:
        EgressPolicy().addresses(tunnel(host))
    assert caught.value.status == 403


@pytest.mark.parametrize("port", [1, 22, 25, 53, 465, 587, 2375, 3306, 5432, 6379, 8080, 65535])
def test_only_the_ports_of_the_web_are_reached_unless_a_source_names_another(port: int) -> None:
    policy = answering("93.184.215.14")
    with pytest.raises(RefusedRequestError) as caught:
        policy.addresses(tunnel("mirror.example", port))
    assert (caught.value.status, str(port) in caught.value.reason) == (403, True)
    assert policy.addresses(tunnel("mirror.example", 443)) == (
        Resolved(socket.AF_INET, "93.184.215.14", 443),
    )
    named = EgressPolicy(Permit.of([f"http://mirror.example:{port}/"]), resolve=policy.resolve)
    assert named.addresses(tunnel("mirror.example", port))


def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """A name whose second answer leads elsewhere gets no second question."""
    asked: list[str] = []

    def rebinding(host: str, port: int, permit: Permit) -> tuple[Resolved, ...]:
        asked.append(host)
        return (
            Resolved(socket.AF_INET, "93.184.215.14" if len(asked) == 1 else "127.0.0.1", port),
        )

    found = EgressPolicy(resolve=rebinding).addresses(tunnel("mirror.example"))
    assert (asked, [each.address for each in found]) == (["mirror.example"], ["93.184.215.14"])


# --- what the user said


def test_sources_that_the_user_names_are_permitted_with_their_ports() -> None:
    choices = PatchChoices(
        sources=(
            "deb [signed-by=/k] http://10.0.0.5:8081/debian stable main",
            "mirror+http://10.0.0.6/list",
        ),
        python_index="https://name:word@index.example/simple",
        find_links=("/wheels", "http://127.0.0.1:9000/links"),
        npm_registry="http://registry.example:4873/",
        environment=(
            "UV_INDEX=local=http://10.0.0.7:3141/simple",
            "http_proxy=http://10.0.0.9:3128",
            "PIP_EXTRA_INDEX_URL=http://a.example/ http://b.example:81/",
        ),
    )
    permit = egress_policy(choices, {}).permit
    assert permit.named == {
        *(
            ("10.0.0.5", 8081),
            ("10.0.0.6", 80),
            ("index.example", 443),
            ("127.0.0.1", 9000),
            ("registry.example", 4873),
        ),
        *(("10.0.0.7", 3141), ("a.example", 80), ("b.example", 81)),
    }


def test_proxies_of_the_user_are_upstreams_and_those_of_careen_where_none_are_given() -> None:
    own = {
        "HTTPS_PROXY": "http://na%40me:wo%3Ard@proxy.example:3128",
        "NO_PROXY": "inside.example, .corp.example",
    }
    policy = egress_policy(PatchChoices(), own)
    found = policy.upstream(tunnel("index.example"))
    assert found is not None
    assert (found.host, found.port, found.headers) == (
        "proxy.example",
        3128,
        (("Proxy-Authorization", "Basic bmFAbWU6d286cmQ="),),
    )
    assert "bmFA" not in repr(policy)
    assert policy.upstream(Request("GET", "index.example", 80, "/")) is None
    assert policy.upstream(tunnel("inside.example")) is None
    assert policy.upstream(tunnel("a.corp.example")) is None
    assert policy.upstream(tunnel("127.0.0.1", 8080)) is None
    given_here = egress_policy(
        PatchChoices(environment=("all_proxy=https://other.example",)), own
    ).upstream(tunnel("a.corp.example"))
    assert given_here is not None
    assert (given_here.host, given_here.port, given_here.tls) == ("other.example", 443, True)


def test_an_upstream_changes_nothing_about_what_is_refused() -> None:
    policy = egress_policy(PatchChoices(), {"https_proxy": "http://proxy.example:3128"})
    for host in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "localhost", "0x7f000001"):
        with pytest.raises(RefusedRequestError) as caught:
            policy.addresses(tunnel(host.strip("[]")))
        assert caught.value.status == 403

    def nobody(host: str, port: int, permit: Permit) -> tuple[Resolved, ...]:
        raise OSError

    unknown = EgressPolicy(upstreams=policy.upstreams, resolve=nobody)
    assert unknown.addresses(tunnel("only-the-proxy-knows.example")) == ()
    with pytest.raises(RefusedRequestError) as caught:
        unknown.addresses(tunnel("localhost"))
    assert caught.value.status == 403

    def private(host: str, port: int, permit: Permit) -> tuple[Resolved, ...]:
        raise RefusedAddressError("inside.example (10.0.0.1) is in a private network: no")

    with pytest.raises(RefusedRequestError, match="private network"):
        EgressPolicy(upstreams=policy.upstreams, resolve=private).addresses(
            tunnel("inside.example")
        )


@pytest.mark.parametrize(
    "url", ["socks5://secret@proxy.example", "http://", "http://proxy.example:port", "://"]
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_credentials(url: str) -> None:
    with pytest.raises(InputError, match="http_proxy") as caught:
        upstream_of(url)
    assert "secret" not in str(caught.value)
