"""Cases of those who speak HTTP: webs.py NAME."""

import os
import struct
import sys

from wire import HOST, connect, trusting


def raw(port, data, limit=300, wait=5):
    sock = connect(port, timeout=wait)
    sock.sendall(data)
    out = b""
    try:
        while len(out) < 65536 and (part := sock.recv(4096)):
            out += part
    except (TimeoutError, ConnectionError):
        pass
    text = out.decode("utf-8", "replace")
    return text.split("\r\n")[0][:limit] or "closed without a word"


def abuse():
    """Requests that are none, of everybody who listens."""
    for port in (8000, 8080, 5000, 3128):
        for data in (
            b"NONSENSE\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /basket HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            print(port, data[:12], raw(port, data, wait=3)[:60])
    print("old", raw(8080, b"GET /health HTTP/1.0\r\n\r\n"), raw(8000, b"GET /health HTTP/1.0\r\n\r\n"))
    print(
        "expect",
        raw(
            5000,
            b"POST /basket HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nshelf=1",
        ),
    )
    print(
        "chunks",
        raw(
            5000,
            b"POST /basket HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nshelf=2\r\n0\r\n\r\n",
        ),
    )
    print(
        "imap",
        raw(143, b"\x16\x03\x01\x00garbage\r\n" * 20, wait=4)[:12],
        "smtp",
        raw(25, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", wait=4)[:3] in ("220", "554"),
        "sieve",
        raw(4190, b"\x00\x01\r\n", wait=4)[:20],
    )


def live():
    """The feed's websocket, through the proxy."""
    sock = connect(8000)
    sock.sendall(
        b"GET /feed/live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += sock.recv(4096)
    print(head.split(b"\r\n")[0].decode(), "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in head.decode().lower())
    text, mask = "grüß".encode(), b"\1\2\3\4"
    sock.sendall(bytes([0x81, 0x80 | len(text)]) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(text)))
    got = sock.recv(2)
    print(sock.recv(got[1]).decode("utf-8", "replace") if not got[0] & 0x40 else "packed")
    sock.sendall(bytes([0x88, 0x82]) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(struct.pack(">H", 1000))))
    print("closed", sock.recv(2)[0] & 15)


def sealed():
    """TLS of the proxy: what it names, HTTP/2, an old version."""
    context = trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(connect(8443), server_hostname=os.environ.get("NAME", "mesh.test")) as sock:
        der = sock.getpeercert(True)
        print(sock.version(), sock.selected_alpn_protocol(), os.environ.get("NAME", "mesh.test").encode() in der)
        sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        print("frame", sock.recv(9)[3])
    sock = connect(8443)
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    try:
        print("plain", sock.recv(100)[:1])
    except ConnectionError:
        print("plain", b"")


globals()[sys.argv[1]]()
