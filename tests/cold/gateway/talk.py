"""Speak over a WebSocket, by hand: the host needs no library."""

import base64
import os
import socket
import struct
import sys

host, _, port = sys.argv[1].removeprefix("http://").partition(":")
wire = socket.create_connection((host, int(port)), 30)


def say(text: str, kind: int = 1, masked: bool = True) -> None:
    body, mask = text.encode(), os.urandom(4)
    hidden = bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))
    head = struct.pack("!BB", 0x80 | kind, (0x80 if masked else 0) | len(body))
    wire.sendall(head + (mask + hidden if masked else body))


def hear() -> None:
    first, size = wire.recv(2)
    print(first & 15, wire.recv(size & 127)[:40])


key = base64.b64encode(b"0" * 16).decode()
more = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if "deflate" in sys.argv else ""
wire.sendall(
    f"GET /talk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{more}\r\n".encode()
)
print(wire.recv(2000).split(b"\r\n")[0].decode())
say("hello")
hear()
if "wrong" in sys.argv:
    say("unmasked", masked=False)
else:
    say("bye")
hear()
