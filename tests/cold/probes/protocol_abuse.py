"""Talk to an HTTP service as no client should: print the first line of each answer, then whether it still serves."""
import socket
import sys
import urllib.request
from urllib.parse import urlsplit

target = urlsplit(sys.argv[1])


def first_line(data: bytes, *, leave: bool = False) -> str:
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        try:
            connection.sendall(data)
            if leave:
                return "left"
            connection.settimeout(5)
            return connection.recv(4096).split(b"\r\n")[0].decode("latin-1")
        except TimeoutError:
            return "silence"
        except OSError as error:
            return type(error).__name__


HOST = b"Host: x\r\n"
print(first_line(b"GET / HTTP/1.1\r\n", leave=True))
print(first_line(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"))
print(first_line(b"GET /health HTTP/9.9\r\n" + HOST + b"\r\n"))
print(first_line(b"GET /health HTTP/1.1\r\n" + HOST + b"X-Big: " + b"a" * 20000 + b"\r\n\r\n"))
print(first_line(b"POST /health HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n"))
print(first_line(b"POST /health HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"))
print(first_line(b"GET /%ff%00%2e%2e/x HTTP/1.1\r\n" + HOST + b"\r\n"))
print(first_line(b"GET /health HTTP/1.0\r\n\r\n"))
print(first_line(b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"))
print(urllib.request.urlopen(sys.argv[1] + "/health", timeout=20).status)  # noqa: S310 — the service under test
