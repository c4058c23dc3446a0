"""The tools over HTTP."""
import asyncio
import os
import traceback

import aiohttp_jinja2
import jinja2
from aiohttp import web

from coder import load


async def health(request):
    return web.json_response({"status": "ok"})


async def run(request):
    try:
        function = load.tool(request.match_info["name"])
    except KeyError as error:
        raise web.HTTPNotFound(text=f"no tool {error}\n") from error
    given = await request.json()
    try:
        answer = await asyncio.get_running_loop().run_in_executor(None, lambda: function(**given))
    except Exception as error:
        traceback.print_exc()
        return web.json_response({"error": type(error).__name__, "text": str(error)[:300]}, status=500)
    return web.json_response({"answer": answer})


@aiohttp_jinja2.template("tool.html")
async def page(request):
    name = request.match_info["name"]
    return {"name": name, "about": load.tool(name).__doc__ or "", "tools": load.settings()}


async def talk(request):
    """One command at a time, in a terminal of its own."""
    import pexpect

    socket = web.WebSocketResponse(compress=True)
    await socket.prepare(request)
    child = pexpect.spawn("python", ["-q"], encoding="utf-8", timeout=60, env={**os.environ, "TERM": "xterm-256color", "PYTHON_BASIC_REPL": "1"})
    child.expect(">>> ")
    async for message in socket:
        if message.data == "bye":
            break
        child.sendline(message.data)
        child.expect(">>> ")
        await socket.send_str(child.before.replace("\r", ""))
    child.close()
    await socket.close()
    return socket


async def upload(request):
    """Keep the files of a form."""
    names = []
    async for part in await request.multipart():
        data = await part.read(decode=True)
        names.append([part.filename, part.headers.get("content-type"), len(data)])
    return web.json_response(names)


def make():
    app = web.Application(client_max_size=1 << 20)
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader("/srv/coder/pages"))
    app.add_routes([
        web.get("/health", health), web.get("/talk", talk), web.get("/tools/{name}", page), web.post("/tools/{name}", run), web.post("/upload", upload),
        web.static("/files", "/code", show_index=True),
    ])
    return app


app = make()
