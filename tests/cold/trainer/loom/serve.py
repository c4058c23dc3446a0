"""The service: health, generation, one step of training, and the jobs of all areas."""

import asyncio
import json
import threading
import traceback
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field

from loom.areas import Unknown, job
from loom.places import chat, still

_loaded = {}
_one = threading.Lock()


@asynccontextmanager
async def _life(_: FastAPI):
    _loaded["chat"] = chat()
    yield
    _loaded.clear()


app = FastAPI(title="loom", version="0.4.0", lifespan=_life)


class Wish(BaseModel):
    prompt: str = Field(min_length=1, max_length=2000)
    new: int = Field(8, ge=1, le=64)
    how: Literal["greedy", "sample", "beams", "contrastive", "assisted"] = "greedy"
    stream: bool = False


@app.get("/health")
async def health():
    return {"ok": "chat" in _loaded}


@app.post("/generate")
async def generate(wish: Wish):
    model, tokenizer = _loaded["chat"]
    from loom.areas.generation import answer

    if not wish.stream:
        return {"text": await asyncio.to_thread(_alone, answer, model, tokenizer, wish.prompt, wish.new, wish.how)}
    from transformers import TextIteratorStreamer

    parts = TextIteratorStreamer(tokenizer, skip_prompt=True)
    threading.Thread(target=answer, args=(model, tokenizer, wish.prompt, wish.new, wish.how), kwargs={"streamer": parts}, daemon=True).start()
    return StreamingResponse((json.dumps({"part": part}) + "\n" for part in parts), media_type="application/x-ndjson")


@app.post("/do/{area}/{name}")
async def do(area: str, name: str, request: Request):
    body = await request.body()
    try:
        values = json.loads(body) if body else {}
        done = await asyncio.to_thread(_alone, job(area, name), **values)
    except Unknown as error:
        return JSONResponse({"error": str(error)}, 404)
    except Exception as error:
        traceback.print_exc()
        return JSONResponse({"error": type(error).__name__, "text": str(error)[:300]}, 422)
    return PlainTextResponse(json.dumps(done, ensure_ascii=False, default=str) + "\n")


@app.get("/fails")
async def fails():
    raise RuntimeError("this always fails")


def _alone(function, *args, **values):
    with _one:
        still()
        return function(*args, **values)
