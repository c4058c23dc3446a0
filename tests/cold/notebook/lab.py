"""A client of a Jupyter server, for the profile and the cases: REST by httpx, kernels and terminals by a small web socket of its own.

As a program it runs the cells of standard input (parted by lines of `# %%`) in one kernel: `lab.py [KERNEL]`, and prints what comes out.
"""

import base64, json, os, re, socket, struct, sys, time, urllib.parse, uuid

import httpx

BASE = os.environ.get("BASE_URL", "http://127.0.0.1:8888")
TOKEN = "secret"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>]")


def client(**options):
    return httpx.Client(base_url=BASE, headers={"Authorization": f"token {TOKEN}"}, timeout=90, trust_env=False, **options)


class Socket:
    """A web socket: text out, text in."""

    def __init__(self, path):
        at = urllib.parse.urlsplit(BASE)
        self.stream = socket.create_connection((at.hostname, at.port), timeout=90)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\nAuthorization: token {TOKEN}\r\n\r\n".encode()
        )
        self.held = b""
        while b"\r\n\r\n" not in self.held:
            self._more()
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError(head.split(b"\r\n")[0].decode())

    def _more(self):
        got = self.stream.recv(65536)
        if not got:
            raise EOFError
        self.held += got

    def _take(self, count):
        while len(self.held) < count:
            self._more()
        got, self.held = self.held[:count], self.held[count:]
        return got

    def _frame(self, code, body):
        size = len(body)
        head = bytes([0x80 | code]) + (bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size))
        mask = os.urandom(4)
        whole = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(body, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big") if size else b""
        self.stream.sendall(head + mask + masked)

    def send(self, text):
        self._frame(1, text.encode())

    def receive(self, timeout=90):
        self.stream.settimeout(timeout)
        whole = b""
        while True:
            first, second = self._take(2)
            size = second & 127
            if size >= 126:
                size = struct.unpack(">H" if size == 126 else ">Q", self._take(2 if size == 126 else 8))[0]
            body = self._take(size)
            code = first & 15
            if code == 8:
                raise EOFError
            if code == 9:
                self._frame(10, body)
            elif code == 2:
                return self._binary(body)
            elif code < 2:
                whole += body
                if first & 0x80:
                    return whole.decode()

    @staticmethod
    def _binary(body):
        """A message with buffers, in the old protocol: offsets of its parts, then JSON."""
        count = struct.unpack(">I", body[:4])[0]
        places = struct.unpack(f">{count}I", body[4 : 4 + 4 * count])
        return body[places[0] : places[1] if count > 1 else len(body)].decode()


class Kernel:
    def __init__(self, name="python3", web=None):
        self.web = web or client()
        reply = self.web.post("/api/kernels", json={"name": name, "path": "sample.ipynb"})
        if reply.status_code != 201:
            raise RuntimeError(f"{reply.status_code} {reply.text[:300]}")
        self.id = reply.json()["id"]
        self.session = uuid.uuid4().hex
        self.connect()

    def connect(self):
        self.socket = Socket(f"/api/kernels/{self.id}/channels?session_id={self.session}")

    def send(self, kind, content, channel="shell"):
        number = uuid.uuid4().hex
        head = {"msg_id": number, "username": "", "session": self.session, "msg_type": kind, "version": "5.3", "date": "2026-01-01T00:00:00Z"}
        self.socket.send(json.dumps({"header": head, "parent_header": {}, "metadata": {}, "content": content, "channel": channel, "buffers": []}))
        return number

    def messages(self, number, timeout=150):
        """What belongs to a request, until the kernel has answered and is idle."""
        replied = idle = False
        end = time.monotonic() + timeout
        while not (replied and idle):
            message = json.loads(self.socket.receive(max(0.1, end - time.monotonic())))
            if message.get("parent_header", {}).get("msg_id") != number:
                continue
            if message["msg_type"].endswith("_reply"):
                replied = True
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                idle = True
            yield message

    def ask(self, kind, content, channel="shell"):
        """The content of the reply."""
        reply = {}
        for message in self.messages(self.send(kind, content, channel)):
            if message["msg_type"].endswith("_reply"):
                reply = message["content"]
        return reply

    def run(self, code, answer="", show=lambda *words: print(*words)):
        number = self.send("execute_request", {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": False})
        streams = {}
        for message in self.messages(number):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":  # it comes in pieces of any size
                streams[content["name"]] = streams.get(content["name"], "") + content["text"]
            elif kind in ("execute_result", "display_data", "update_display_data"):
                data = content["data"]
                show(f"[{' '.join(sorted(data))}]", ESCAPES.sub("", str(data.get("text/plain", "")))[:2000])
            elif kind == "error":
                show(ESCAPES.sub("", "\n".join(content["traceback"])) or f"{content['ename']}: {content['evalue']}")
            elif kind == "input_request":
                self.send("input_reply", {"value": "continue" if re.search(r"db\)? *>|\(Pdb", content["prompt"]) else answer, "status": "ok"}, "stdin")
            elif kind == "execute_reply":
                for item in content.get("payload", []):
                    show(f"payload {item.get('source')}:", ESCAPES.sub("", str(item.get("data", {}).get("text/plain", item.get("text", ""))))[:3000])
            elif kind in ("comm_open", "comm_msg"):
                show(kind, content["data"].get("method") or content["data"].get("state", {}).get("_model_name", ""))

        for _, text in sorted(streams.items(), reverse=True):
            show(ESCAPES.sub("", text).rstrip("\n"))

    def close(self):
        self.web.delete(f"/api/kernels/{self.id}")


def main():
    kernel = Kernel(*sys.argv[1:2])
    try:
        for cell in re.split(r"(?m)^# %%.*\n", sys.stdin.read()):
            if cell.strip():
                kernel.run(cell.rstrip("\n"), "an answer")
    finally:
        kernel.close()


if __name__ == "__main__":
    main()
