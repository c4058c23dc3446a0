"""upstream.py ADDRESS FOLDER: what the service talks to, in one: providers of language models, three clouds' buckets, collectors of traces and errors.

Prints its port, and then one line for each thing that it was told.
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ADDRESS, FOLDER = sys.argv[1], Path(sys.argv[2])
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
SAID = "a cup of tea"


def openai(asked):
    if "error" in str(asked["messages"]):
        return 429, {"error": {"message": "too much tea", "type": "rate_limit", "code": "429"}}
    message = {"role": "assistant", "content": SAID}
    if asked.get("tools"):
        call = {"name": asked["tools"][0]["function"]["name"], "arguments": '{"cups": 2}'}
        message = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if asked.get("tools") else "stop"}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [choice], "usage": USAGE, "service_tier": "default"}


def chunks(asked):
    for word in [*SAID.split(), None]:
        delta = {"content": word + " "} if word else {}
        yield {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": asked["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": None if word else "stop"}],
        }


def messages(asked):
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": [{"type": "text", "text": SAID}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }


def responses(asked):
    part = {"type": "output_text", "text": SAID, "annotations": []}
    return {
        **{
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "model": asked["model"],
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
        },
        **{
            "output": [{"type": "message", "id": "m1", "status": "completed", "role": "assistant", "content": [part]}],
            "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        },
    }


def embeddings(asked):
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    return {
        "object": "list",
        "model": asked["model"],
        "usage": USAGE,
        "data": [{"object": "embedding", "index": n, "embedding": [0.5, float(len(text))]} for n, text in enumerate(texts)],
    }


ANSWERS = {
    "/v1/chat/completions": openai,
    "/v1/embeddings": embeddings,
    "/v1/messages": messages,
    "/v1/responses": responses,
    "/v1/moderations": lambda asked: {"id": "mod", "model": "m", "results": [{"flagged": False, "categories": {}, "category_scores": {}}]},
    "/v1/images/generations": lambda asked: {"created": 1, "data": [{"url": "http://tea/cup.png"}]},
    "/v1/completions": lambda asked: {
        "id": "t1",
        "object": "text_completion",
        "created": 1,
        "model": asked["model"],
        "choices": [{"index": 0, "text": SAID, "finish_reason": "stop"}],
        "usage": USAGE,
    },
    "/v2/rerank": lambda asked: {
        "id": "r1",
        "results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}],
        "meta": {"billed_units": {"search_units": 1}},
    },
    "/api/chat": lambda asked: {
        "model": asked["model"],
        "created_at": "2024-02-29T00:00:00Z",
        "message": {"role": "assistant", "content": SAID},
        "done": True,
        "prompt_eval_count": 3,
        "eval_count": 4,
    },
    "/v2/chat": lambda asked: {
        "id": "c2",
        "message": {"role": "assistant", "content": [{"type": "text", "text": SAID}]},
        "finish_reason": "COMPLETE",
        "usage": {"tokens": {"input_tokens": 3, "output_tokens": 4}},
    },
    "/v1/chat": lambda asked: {
        "text": SAID,
        "generation_id": "g",
        "finish_reason": "COMPLETE",
        "meta": {"billed_units": {"input_tokens": 3, "output_tokens": 4}},
    },
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        name = path.rpartition("/")[2]
        if (FOLDER / name).is_file():
            body = (FOLDER / name).read_bytes()
            headers = {
                "etag": '"tea"',
                "last-modified": "Thu, 29 Feb 2024 00:00:00 GMT",
                "x-ms-blob-type": "BlockBlob",
                "x-goog-generation": "1",
                "accept-ranges": "bytes",
            }
            span = self.headers.get("range") or self.headers.get("x-ms-range")
            if span:
                first, _, last = span.partition("=")[2].partition("-")
                end = min(int(last or len(body) - 1), len(body) - 1)
                headers["content-range"] = f"bytes {first}-{end}/{len(body)}"
                return self.answer(206, body[int(first) : end + 1], "application/octet-stream", headers)
            return self.answer(200, body, "application/octet-stream", headers)
        text = f"<Error><Code>NoSuchKey</Code><Message>no {name}</Message></Error>".encode()
        return self.answer(404, text, "application/xml", {"x-ms-error-code": "BlobNotFound"})

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            body = self.chunked()
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        path = self.path.partition("?")[0]
        if path.startswith("/v1/traces"):
            print(f"traces {b'POST /predict/{name}' in body} {b'predictor' in body or b'litellm' in body}", flush=True)
            return self.answer(200, b"", "application/x-protobuf")
        if path.endswith("/envelope/"):
            print("an envelope in", self.headers["content-encoding"], "with an error" if len(body) > 6500 else "", flush=True)
            return self.answer(200, b"{}")
        asked = json.loads(body or b"{}")
        if "generateContent" in path:
            candidate = {"content": {"role": "model", "parts": [{"text": SAID}]}, "finishReason": "STOP", "index": 0}
            return self.answer(200, {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}})
        if path.endswith("/converse"):
            signed = self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256")
            message = {"role": "assistant", "content": [{"text": f"{SAID}, signed {signed}"}]}
            return self.answer(
                200,
                {
                    "output": {"message": message},
                    "stopReason": "end_turn",
                    "usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7},
                    "metrics": {"latencyMs": 1},
                },
            )
        if asked.get("stream") and path == "/v1/chat/completions":
            return self.answer(
                200, b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks(asked)) + b"data: [DONE]\n\n", "text/event-stream"
            )
        if path in ANSWERS:
            found = ANSWERS[path](asked)
            return self.answer(*(found if isinstance(found, tuple) else (200, found)))
        return self.answer(200, {"path": path, "from": self.headers.get("x-from"), "asked": asked})

    def chunked(self):
        parts = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, status, body, kind="application/json", headers=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer((ADDRESS, 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
