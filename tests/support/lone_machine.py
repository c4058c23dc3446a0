"""A machine of the tests' own: a network namespace whose loopback has addresses of every kind, and
services there that write down what reaches them.

    unshare --net --mount python lone_machine.py GOT COMMAND...

runs COMMAND on it and writes what its services got (bytes, one line each, escaped) to GOT. Nothing
leaves the namespace: it has no link.
"""

import fcntl
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PORT = 45992
PORTS = (25, 80, 443, 8080, PORT)
FOURS = ("10.99.0.1", "169.254.169.254", "192.0.2.1")
SIX = "fd00:99::1"
HOSTS = """127.0.0.1 localhost
::1 localhost
10.99.0.1 mirror.example inside.example
169.254.169.254 metadata.example
"""
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCSIFADDR, _UP = 0x8913, 0x8914, 0x8916, 0x1


def _bring_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as four:
        for number, address in enumerate(("127.0.0.1", *FOURS)):
            name = f"lo:{number}" if number else "lo"
            sin = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(four, _SIOCSIFADDR, struct.pack("16s16s", name.encode(), sin))
        flags = struct.unpack(
            "16sh14x", fcntl.ioctl(four, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        )[1]
        fcntl.ioctl(four, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _UP))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        request = struct.pack(
            "=16sIi", socket.inet_pton(socket.AF_INET6, SIX), 128, socket.if_nametoindex("lo")
        )
        fcntl.ioctl(six, _SIOCSIFADDR, request)


def _own_hosts() -> None:
    """Names for this machine alone: its mount namespace is its own, too."""
    subprocess.check_call(["mount", "--make-rprivate", "/"])
    with tempfile.NamedTemporaryFile("w", suffix=".hosts", delete=False) as file:
        file.write(HOSTS)
    subprocess.check_call(["mount", "--bind", file.name, "/etc/hosts"])
    Path(file.name).unlink()


def _sockets() -> list[socket.socket]:
    out = [
        socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        for port in PORTS
    ]
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", PORT))
    for kind, name in ((socket.SOCK_STREAM, "stream"), (socket.SOCK_DGRAM, "datagram")):
        unix = socket.socket(socket.AF_UNIX, kind)
        unix.bind(f"\0careen-probe-{name}")
        if kind == socket.SOCK_STREAM:
            unix.listen()
        out.append(unix)
    return [*out, datagrams]


def _answer(link: socket.socket, got: list[bytes]) -> None:
    with link:
        link.settimeout(5)
        try:
            data = link.recv(16384)
            got.append(data)
            link.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes"
                if b"HTTP/1." in data
                else b"yes"
            )
        except OSError:
            return


def _serve(sockets: list[socket.socket], got: list[bytes], end: threading.Event) -> None:
    while not end.is_set():
        for ready in select.select(sockets, [], [], 0.1)[0]:
            if ready.type == socket.SOCK_STREAM:
                threading.Thread(target=_answer, args=(ready.accept()[0], got), daemon=True).start()
                continue
            data, sender = ready.recvfrom(4096)
            if data != b"careen-heartbeat":
                got.append(data)
                if sender and not isinstance(sender, bytes | str):
                    ready.sendto(b"yes", sender)


def _beat(end: threading.Event) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heart:
        while not end.wait(0.1):
            heart.sendto(b"careen-heartbeat", ("127.0.0.1", PORT))


def main() -> int:
    """Be the machine until the command ends; return its exit status."""
    _bring_up()
    _own_hosts()
    got: list[bytes] = []
    end = threading.Event()
    sockets = _sockets()
    threads = [
        threading.Thread(target=_serve, args=(sockets, got, end)),
        threading.Thread(target=_beat, args=(end,)),
    ]
    for each in threads:
        each.start()
    try:
        status = subprocess.call(sys.argv[2:])
    finally:
        end.set()
        for each in threads:
            each.join()
        for one in sockets:
            one.close()
        Path(sys.argv[1]).write_text("".join(f"{data!r}\n" for data in got))
    return status


if __name__ == "__main__":
    sys.exit(main())
