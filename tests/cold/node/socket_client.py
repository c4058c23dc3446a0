"""Say hi over a web socket and print the answer (RFC 6455, one text frame each way)."""

import base64
import os
import socket
import sys

host, port = sys.argv[1].removeprefix("http://").split(":")
with socket.create_connection((host, int(port)), timeout=10) as stream:
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET {sys.argv[2]} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    stream.settimeout(10)
    while b"\r\n\r\n" not in stream.recv(4096):
        pass
    mask = os.urandom(4)
    stream.sendall(bytes([0x81, 0x82]) + mask + bytes(byte ^ mask[position] for position, byte in enumerate(b"hi")))
    head = stream.recv(2)
    print(stream.recv(head[1]).decode())
