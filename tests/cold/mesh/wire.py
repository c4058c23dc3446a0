"""What the cases speak with the daemons: sockets, and as much of their protocols as is asked for."""

import os
import socket
import ssl
import struct
import subprocess
import time

HOST = subprocess.run(
    ["docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", os.environ["CONTAINER"]], capture_output=True, text=True, check=True
).stdout.strip()


def connect(port, tls=False, timeout=20, wait=90):
    """Connect as soon as somebody listens."""
    deadline = time.monotonic() + wait
    while True:
        try:
            sock = socket.create_connection((HOST, port), timeout=timeout)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
    return trusting().wrap_socket(sock, server_hostname="mesh.test") if tls else sock


def trusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def job(*words):
    """Run a job of the image's entrypoint in the container."""
    done = subprocess.run(["docker", "exec", os.environ["CONTAINER"], "mesh", *words], capture_output=True, text=True, check=False, timeout=150)
    return done.returncode, done.stdout + done.stderr


def until(wanted, seconds=60, pause=0.5):
    """Call until it gives something true and no error, and return that."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := wanted():
                return found
        except (OSError, EOFError) as error:
            found = error
        if time.monotonic() > deadline:
            message = f"nothing came in time, at last {found!r}"
            raise TimeoutError(message)
        time.sleep(pause)


def _exactly(sock, count):
    got = b""
    while len(got) < count:
        part = sock.recv(count - len(got))
        if not part:
            raise EOFError
        got += part
    return got


class Lines:
    """A protocol of lines."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    def say(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def line(self):
        got = self.file.readline()
        if not got:
            raise EOFError
        return got.decode("utf-8", "replace").rstrip("\r\n")

    def reply(self):
        """Of SMTP: the lines up to one without a hyphen."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return " / ".join(lines)

    def ask(self, text):
        self.say(text)
        return self.reply()

    def command(self, tag, text):
        """Of IMAP: all up to the tagged line, with literals."""
        self.say(f"{tag} {text}")
        out = []
        while True:
            line = self.line()
            out.append(line)
            if line.startswith(tag + " "):
                return "\n".join(out)

    def secure(self):
        self.sock = trusting().wrap_socket(self.sock, server_hostname="mesh.test")
        self.file = self.sock.makefile("rb")


def short(text):
    raw = text.encode()
    return bytes([len(raw)]) + raw


def table(values):
    out = b""
    for key, value in values.items():
        out += short(key)
        if isinstance(value, str):
            out += b"S" + struct.pack(">I", len(value)) + value.encode()
        elif isinstance(value, dict):
            out += b"F" + table(value)
        elif isinstance(value, bool):
            out += b"t" + bytes([value])
        else:
            out += b"I" + struct.pack(">i", value)
    return struct.pack(">I", len(out)) + out


class Amqp:
    """AMQP 0-9-1, one channel."""

    def __init__(self, user="keeper", password="horse", vhost="/", port=5672, tls=False, wait=120):
        self.sock = connect(port, tls, timeout=30, wait=wait)
        self.sock.sendall(b"AMQP\x00\x00\x09\x01")
        start = self.expect(10, 10)
        self.product = start[start.index(b"product") + 12 :][:8].decode("ascii", "replace")
        answer = f"\0{user}\0{password}".encode()
        self.send(
            0,
            10,
            11,
            table({"product": "case", "capabilities": {"authentication_failure_close": True}})
            + short("PLAIN")
            + struct.pack(">I", len(answer))
            + answer
            + short("en_US"),
        )
        self.expect(10, 30)
        self.send(0, 10, 31, struct.pack(">HIH", 10, 131072, 0))
        self.send(0, 10, 40, short(vhost) + short("") + b"\0")
        self.expect(10, 41)
        self.call(20, 10, short(""))

    def frame(self):
        kind, channel, size = struct.unpack(">BHI", _exactly(self.sock, 7))
        payload = _exactly(self.sock, size)
        _exactly(self.sock, 1)
        return kind, channel, payload

    def send(self, channel, klass, method, arguments):
        payload = struct.pack(">HH", klass, method) + arguments
        self.sock.sendall(struct.pack(">BHI", 1, channel, len(payload)) + payload + b"\xce")

    def expect(self, *wanted):
        """The next method, if it is one of `wanted`; what the broker closes with is raised."""
        while True:
            kind, _, payload = self.frame()
            if kind != 1:
                continue
            klass, method = struct.unpack(">HH", payload[:4])
            if (klass, method) in ((10, 50), (20, 40)):
                code, length = struct.unpack(">HB", payload[4:7])
                raise Closed(f"{code} {payload[7 : 7 + length].decode()}")
            if (klass, method) == wanted[:2] or (klass, method) == wanted[2:]:
                self.method = method
                return payload[4:]

    def call(self, klass, method, arguments):
        self.send(1, klass, method, arguments)
        return self.expect(klass, method + 1)

    def queue(self, name, **arguments):
        named = {key.replace("_", "-"): value for key, value in arguments.items()}
        got = self.call(50, 10, b"\0\0" + short(name) + b"\x02" + table(named))
        return got[1 : 1 + got[0]].decode()

    def exchange(self, name, kind):
        self.call(40, 10, b"\0\0" + short(name) + short(kind) + b"\x02" + table({}))

    def bind(self, queue, exchange, key):
        self.call(50, 20, b"\0\0" + short(queue) + short(exchange) + short(key) + b"\0" + table({}))

    def confirm(self):
        self.call(85, 10, b"\0")

    def publish(self, exchange, key, body, confirmed=False):
        self.send(1, 60, 40, b"\0\0" + short(exchange) + short(key) + b"\0")
        head = struct.pack(">HHQH", 60, 0, len(body), 0x9000) + short("text/plain") + b"\x02"
        self.sock.sendall(struct.pack(">BHI", 2, 1, len(head)) + head + b"\xce")
        for start in range(0, len(body), 100_000):
            part = body[start : start + 100_000]
            self.sock.sendall(struct.pack(">BHI", 3, 1, len(part)) + part + b"\xce")
        if confirmed:
            self.expect(60, 80, 60, 120)
            return "kept" if self.method == 80 else "refused"
        return None

    def _content(self):
        _, _, head = self.frame()
        size = struct.unpack(">Q", head[4:12])[0]
        body = b""
        while len(body) < size:
            body += self.frame()[2]
        return body

    def get(self, queue):
        """A message and its tag, or None."""
        self.send(1, 60, 70, b"\0\0" + short(queue) + b"\0")
        got = self.expect(60, 71, 60, 72)
        return (self._content().decode(), struct.unpack(">Q", got[:8])[0]) if self.method == 71 else None

    def ack(self, tag):
        self.send(1, 60, 80, struct.pack(">QB", tag, 0))

    def reject(self, tag):
        self.send(1, 60, 90, struct.pack(">QB", tag, 0))

    def consume(self, queue, count, **arguments):
        self.call(60, 10, struct.pack(">IHB", 0, 10, 0))
        named = {key.replace("_", "-"): value for key, value in arguments.items()}
        self.call(60, 20, b"\0\0" + short(queue) + short("case") + b"\0" + table(named))
        out = []
        for _ in range(count):
            got = self.expect(60, 60)
            after = 1 + got[0]
            self.ack(struct.unpack(">Q", got[after : after + 8])[0])
            out.append(self._content().decode())
        return out


class Closed(OSError):
    """The broker closed, with a reason."""


def text16(text):
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


class Mqtt:
    """MQTT 3.1.1 or 5."""

    def __init__(self, port=1883, user="keeper", password="horse", name="case", level=4, tls=False, clean=True, will=None, stream=None, wait=90):
        self.sock = stream or connect(port, tls, wait=wait)
        self.level = level
        self.pending = []
        flags = (0x02 if clean else 0) | (0xC0 if user else 0) | (0x04 if will else 0)
        more = b"\0" if level == 5 else b""
        body = text16("MQTT") + bytes([level, flags]) + struct.pack(">H", 60) + more + text16(name)
        if will:
            body += more + text16(will[0]) + text16(will[1])
        if user:
            body += text16(user) + text16(password)
        self.send(0x10, body)
        kind, got = self.packet()
        assert kind >> 4 == 2, kind
        self.code = got[1]
        self.known = got[0] & 1

    def send(self, kind, body):
        size, length = len(body), b""
        while True:
            size, rest = divmod(size, 128)
            length += bytes([rest | (0x80 if size else 0)])
            if not size:
                break
        self.sock.sendall(bytes([kind]) + length + body)

    def packet(self):
        kind = _exactly(self.sock, 1)[0]
        size = shift = 0
        while True:
            byte = _exactly(self.sock, 1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return kind, _exactly(self.sock, size)

    def wait(self, number):
        """The next packet of this kind; messages that come before it are kept."""
        while True:
            kind, body = self.packet()
            if kind >> 4 == number:
                return kind, body
            if kind >> 4 == 3:
                self.pending.append((kind, body))

    def subscribe(self, topic, quality=0):
        self.send(0x82, struct.pack(">H", 7) + (b"\0" if self.level == 5 else b"") + text16(topic) + bytes([quality]))
        return self.wait(9)[1][-1]

    def publish(self, topic, text, quality=0, retain=False):
        more = b"\0" if self.level == 5 else b""
        self.send(0x30 | quality << 1 | retain, text16(topic) + (struct.pack(">H", 9) if quality else b"") + more + text.encode())
        if quality == 1:
            self.wait(4)
        if quality == 2:
            self.wait(5)
            self.send(0x62, struct.pack(">H", 9))
            self.wait(7)

    def message(self):
        kind, body = self.pending.pop(0) if self.pending else self.wait(3)
        quality = kind >> 1 & 3
        size = struct.unpack(">H", body[:2])[0]
        topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
        if quality:
            number, rest = rest[:2], rest[2:]
            self.send(0x40 if quality == 1 else 0x50, number)
            if quality == 2:
                self.wait(6)
                self.send(0x70, number)
        if self.level == 5:
            rest = rest[1 + rest[0] :]
        return f"{topic}={rest.decode()} q{quality} r{kind & 1}"

    def ping(self):
        self.send(0xC0, b"")
        return self.wait(13)[0]

    def end(self):
        self.send(0xE0, b"")
        self.sock.close()
