"""An agent service: a graph that plans, calls tools and writes its answer with a template; its memory is SQLite."""

import asyncio
import importlib
import json
import logging
import os
import sqlite3

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, Field

from .graph import build

logging.basicConfig(level=os.environ.get("AGENT_LOG_LEVEL", "INFO"))
log = logging.getLogger("agent")
app = FastAPI(title="agent")
pages = Environment(loader=FileSystemLoader("templates"), undefined=StrictUndefined, autoescape=False)
memory = sqlite3.connect(os.environ.get("AGENT_MEMORY", ":memory:"), check_same_thread=False)
memory.execute("create table if not exists turns (thread text, question text, answer text)")


class Question(BaseModel):
    text: str = Field(min_length=1, max_length=2000)
    tool: str = "clock"
    arguments: dict = {}
    thread: str = "main"
    template: str = "answer.txt"


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception):
    log.error("request failed", exc_info=error)
    return JSONResponse({"error": type(error).__name__, "message": str(error)[:300]}, status_code=500)


def call(name: str, arguments: dict):
    try:
        module = importlib.import_module(f"app.tools.{name}")
    except ModuleNotFoundError as error:
        raise HTTPException(404, f"no tool {name!r}") from error
    return module.run(**arguments)


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/ask")
def ask(question: Question):
    state = build(call).invoke({"question": question.text, "tool": question.tool, "arguments": question.arguments, "steps": []})
    answer = pages.get_template(question.template).render(asked=question, **state)
    with memory:
        memory.execute("insert into turns values (?, ?, ?)", (question.thread, question.text, answer))
    return {"answer": answer, "steps": state["steps"]}


@app.post("/stream")
def stream(question: Question):
    async def pieces():
        graph = build(call)
        async for update in graph.astream({"question": question.text, "tool": question.tool, "arguments": question.arguments, "steps": []}):
            yield f"data: {json.dumps(update, default=str)}\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(pieces(), media_type="text/event-stream")


@app.get("/memory/{thread}")
def turns(thread: str):
    return {"turns": memory.execute("select question, answer from turns where thread = ?", (thread,)).fetchall()}
