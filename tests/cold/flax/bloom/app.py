"""The service: predictions, pages about networks, and tasks that are found by name."""

import importlib
import os
import signal

from sanic import Sanic, json, response
from sanic.exceptions import NotFound

from bloom import nets

app = Sanic("bloom")
app.config.FALLBACK_ERROR_FORMAT = os.environ.get("BLOOM_ERRORS", "auto")


@app.main_process_start
async def announce(app: Sanic) -> None:
    signal.signal(signal.SIGUSR1, lambda *_: importlib.import_module("bloom.dumps").dump())


@app.before_server_start
async def begin(app: Sanic) -> None:
    app.ctx.net = nets.load(os.environ.get("BLOOM_NET", "linen"))


@app.get("/health")
async def health(request):
    return response.text("ok")


@app.post("/predict")
async def predict(request):
    asked = request.json
    net = nets.load(asked["net"]) if "net" in asked else app.ctx.net
    return json({"scores": nets.scores(net, asked["rows"])})


@app.get("/show/<form>")
async def show(request, form: str):
    pages = importlib.import_module("bloom.pages")
    maker = getattr(pages, form, None)
    if maker is None:
        raise NotFound(f"no form {form}")
    return maker(request.args.get("net", "linen"))


@app.get("/task/<area>/<name>")
async def task(request, area: str, name: str):
    module = importlib.import_module(f"bloom.areas.{area}")
    return json(getattr(module, name)(**{key: request.args.get(key) for key in request.args}), default=str)


@app.websocket("/feed")
async def feed(request, socket):
    async for line in socket:
        await socket.send(str(nets.scores(app.ctx.net, [[float(part) for part in line.split()]])[0]))


@app.post("/files")
async def files(request):
    stores = importlib.import_module("bloom.stores")
    return json({file.name: stores.describe(file.name, file.body) for group in request.files.values() for file in group})
