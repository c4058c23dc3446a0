"""A provider to try things with: events, compressed or not; HTTP/2 with TLS by `h2`."""

import asyncio
import gzip
import json
import ssl
import sys
import zlib
from typing import Any

EVENTS = b'data: one\n\ndata: two\n\n'


def answer(path: str, encoding: str) -> tuple[str, str, bytes]:
    if path == "/plain":
        body = "tea ü".encode()
        for name, pack in PACKED.items():
            if name == encoding:
                return "text/plain; charset=utf-8", name, pack(body)
        return "text/plain; charset=utf-8", "", body
    if path == "/latin":
        return "text/plain; charset=iso-8859-15", "", "€ü".encode("iso-8859-15")
    if path == "/v1/messages":
        parts = [
            {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "any", "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a cup"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_stop"},
        ]
        return "text/event-stream", "", "".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n" for part in parts).encode()
    if path == "/v1/chat/completions":
        part = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "any", "choices": [{"index": 0, "delta": {"content": "a pot"}, "finish_reason": None}]}
        return "text/event-stream", "", f"data: {json.dumps(part)}\n\ndata: [DONE]\n\n".encode()
    return "text/event-stream", "", EVENTS


def _brotli(body: bytes) -> bytes:
    import brotli

    return brotli.compress(body)


def _zstd(body: bytes) -> bytes:
    import zstandard

    return zstandard.compress(body)


PACKED: dict[str, Any] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": _brotli, "zstd": _zstd}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = dict(scope["headers"])
    kind, encoding, body = answer(scope["path"], headers.get(b"accept-encoding", b"").decode())
    if scope["path"] == "/moved":
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", b"/plain")]})
        await send({"type": "http.response.body", "body": b""})
        return
    status = 429 if scope["path"] == "/busy" else 200
    more = [(b"content-encoding", encoding.encode())] if encoding else []
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode()), *more]})
    await send({"type": "http.response.body", "body": body})


class Two(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self.wire, self.two, self.paths = transport, H2Connection(H2Configuration(client_side=False)), {}
        self.two.initiate_connection()
        transport.write(self.two.data_to_send())

    def data_received(self, data: bytes) -> None:
        import h2.events

        for event in self.two.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                headers = {str(k, "ascii") if isinstance(k, bytes) else k: str(v, "ascii") if isinstance(v, bytes) else v for k, v in event.headers}
                self.paths[event.stream_id] = (headers[":path"], headers.get("accept-encoding", ""))
            elif isinstance(event, h2.events.StreamEnded):
                kind, encoding, body = answer(*self.paths.pop(event.stream_id))
                more = [("content-encoding", encoding)] if encoding else []
                self.two.send_headers(event.stream_id, [(":status", "200"), ("content-type", kind), *more])
                self.two.send_data(event.stream_id, body, end_stream=True)
        self.wire.write(self.two.data_to_send())


async def main() -> None:
    loop = asyncio.get_running_loop()
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain("/tmp/t.pem", "/tmp/t.key")
    safe.set_alpn_protocols(["h2"])
    server = await loop.create_server(Two, "127.0.0.1", int(sys.argv[1]), ssl=safe)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
