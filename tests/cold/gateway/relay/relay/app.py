"""A gateway in front of providers of models."""

import traceback
from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec
from advanced_alchemy.extensions.litestar import (
    AsyncSessionConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
)
from litestar import Litestar, MediaType, Request, Response, WebSocket, get, post, websocket
from litestar.config.compression import CompressionConfig
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.exceptions import HTTPException
from litestar.logging import StructLoggingConfig
from litestar.response import ServerSentEvent, Template
from litestar.template.config import TemplateConfig
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from relay.records import Asked
from relay.settings import settings
from relay.words import dressed, words_of


class Question(msgspec.Struct):
    prompt: str
    provider: str = "echo"
    who: str = "nobody"
    guards: list[str] = []
    stream: bool = False
    more: dict[str, Any] = {}


def _plugin(group: str, name: str) -> Any:
    found = entry_points(group=group, name=name)
    if not found:
        raise HTTPException(status_code=404, detail=f"no {group} {name!r}")
    return next(iter(found)).load()


@get("/health", media_type=MediaType.TEXT)
async def health() -> str:
    return "ok"


@post("/ask", status_code=200)
async def ask(data: Question, db_session: AsyncSession) -> Any:
    for name in data.guards:
        if reason := _plugin("relay.guards", name)(data.who, data.prompt):
            raise HTTPException(status_code=403, detail=reason)
    parts = _plugin("relay.providers", data.provider)().stream(data.prompt, **data.more)
    if data.stream:
        return ServerSentEvent(_events(parts))
    answer = "".join([part async for part in parts])
    db_session.add(Asked(who=data.who, prompt=data.prompt, answer=answer))
    await db_session.commit()
    return {"answer": answer}


async def _events(parts: AsyncIterator[str]) -> AsyncIterator[str]:
    async for part in parts:
        yield part


@get("/asked")
async def asked(request: Request[Any, Any, Any], db_session: AsyncSession) -> Template:
    count = await db_session.scalar(select(func.count()).select_from(Asked))
    words, locale = words_of(request.headers.get("accept-language", "en"))
    known = {"title": words.format_value("title"), **dressed(locale)}
    known["count"] = words.format_value("asked", {"count": count})
    return Template("asked.html", context=known)


@get("/export/{kind:str}")
async def exported(kind: str, db_session: AsyncSession, pick: str = "") -> Response[bytes]:
    from relay.exports import written

    rows = [
        {"id": row.id, "who": row.who, "prompt": row.prompt, "answer": row.answer}
        for row in await db_session.scalars(select(Asked).order_by(Asked.id))
    ]
    return Response(written(kind, rows, pick), media_type="application/octet-stream")


@get("/tool/{name:str}")
async def tool(name: str, request: Request[Any, Any, Any]) -> Any:
    import relay.tools

    return await getattr(relay.tools, name)(**dict(request.query_params))


@websocket("/talk")
async def talk(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    while (text := await socket.receive_text()) != "bye":
        async for part in _plugin("relay.providers", "echo")().stream(text):
            await socket.send_text(part)
    await socket.close()


def wrong(request: Request[Any, Any, Any], error: Exception) -> Any:
    status = getattr(error, "status_code", 500)
    detail = getattr(error, "detail", "") or repr(error)
    trace = "".join(traceback.format_exception(error)[-3:]) if status == 500 else ""
    known = {"status": status, "detail": detail, "trace": trace}
    if "html" in request.headers.get("accept", ""):
        return Template("wrong.html", context=known, status_code=status)
    return Response(known, status_code=status)


def create_app() -> Litestar:
    database = SQLAlchemyAsyncConfig(
        connection_string=settings.database,
        session_config=AsyncSessionConfig(expire_on_commit=False),
        create_all=settings.get("create", False),
    )
    more: list[Any] = []
    if settings.get("graph", True):
        from relay.graph import graph

        more.append(graph())
    return Litestar(
        [health, ask, asked, exported, tool, talk, *more],
        plugins=[SQLAlchemyPlugin(database)],
        template_config=TemplateConfig(
            directory=Path(__file__).parent / "pages", engine=JinjaTemplateEngine
        ),
        compression_config=CompressionConfig(backend=settings.get("compression", "gzip"), minimum_size=1),
        exception_handlers={Exception: wrong},
        logging_config=StructLoggingConfig() if settings.get("structured") else None,
    )
