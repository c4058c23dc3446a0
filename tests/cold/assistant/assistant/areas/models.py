"""Providers of models, by their name; a provider of our own answers, the others are not there."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class _Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked.get("stream"):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for word in ("a ", "cup"):
                part = {
                    "id": "1",
                    "object": "chat.completion.chunk",
                    "created": 1,
                    "model": "m",
                    "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
                }
                self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")
            return
        if "embeddings" in self.path:
            reply = {
                "object": "list",
                "model": "m",
                "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
        else:
            message = {"role": "assistant", "content": "a cup"}
            if asked.get("tools"):
                call = {"id": "c1", "type": "function", "function": {"name": asked["tools"][0]["function"]["name"], "arguments": '{"cups": 2, "what": "tea"}'}}
                message = {"role": "assistant", "content": None, "tool_calls": [call]}
            reply = {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            }
        body = json.dumps(reply).encode()
        self.send_response(429 if asked.get("model") == "busy" else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _served() -> str:
    server = HTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def provider(name: str, stream: bool = False) -> dict:
    import litellm

    litellm.drop_params = True
    base = _served()
    given = {"api_base": f"{base}/v1", "api_key": "x", "timeout": 10, "max_retries": 0}
    reply = litellm.completion(f"{name}/m", [{"role": "user", "content": "tea?"}], stream=stream, **given)
    if stream:
        return {"text": "".join(part.choices[0].delta.content or "" for part in reply)}
    return {"text": reply.choices[0].message.content, "tokens": reply.usage.total_tokens}


async def unreachable(name: str) -> dict:
    import litellm

    try:
        await litellm.acompletion(
            f"{name}/m", [{"role": "user", "content": "tea?"}], api_base="http://127.0.0.1:9", api_key="x", timeout=5, max_retries=0, num_retries=0
        )
    except Exception as error:
        return {"error": type(error).__name__}
    return {}


def known() -> dict:
    import litellm

    cost = litellm.completion_cost(model="gpt-4o", prompt="tea " * 10, completion="cup")
    return {
        "providers": len(litellm.provider_list) > 50,
        "max": litellm.get_max_tokens("gpt-4o"),
        "cost": cost > 0,
        "tokens": litellm.token_counter(model="gpt-4o", text="a cup of tea"),
    }


def route() -> dict:
    from litellm import Router

    base = _served()
    router = Router(
        model_list=[{"model_name": "any", "litellm_params": {"model": "openai/m", "api_base": base, "api_key": "x"}}], num_retries=0, cache_responses=True
    )
    return {"text": router.completion("any", [{"role": "user", "content": "tea?"}]).choices[0].message.content}


def embed() -> dict:
    from openai import OpenAI

    return {"vector": OpenAI(base_url=_served(), api_key="x").embeddings.create(model="m", input="tea", encoding_format="float").data[0].embedding}


def busy() -> dict:
    from openai import OpenAI, RateLimitError

    try:
        OpenAI(base_url=_served(), api_key="x", max_retries=0).chat.completions.create(model="busy", messages=[{"role": "user", "content": "x"}])
    except RateLimitError as error:
        return {"status": error.status_code}
    return {}


def azure() -> dict:
    from openai import APIConnectionError, AzureOpenAI

    client = AzureOpenAI(azure_endpoint="http://127.0.0.1:9", api_key="x", api_version="2024-02-01", max_retries=0)
    try:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    except APIConnectionError as error:
        return {"error": type(error).__name__}
    return {}


def order() -> dict:
    import instructor
    from openai import OpenAI
    from pydantic import BaseModel

    class Order(BaseModel):
        cups: int
        what: str

    client = instructor.from_openai(OpenAI(base_url=_served(), api_key="x"))
    return client.chat.completions.create(model="m", response_model=Order, messages=[{"role": "user", "content": "two teas"}]).model_dump()
