"""The HTTP interface."""

import logging
import os
import signal

from fastapi import Body, FastAPI, File, HTTPException, Request, Response, UploadFile, WebSocket
from fastapi.responses import JSONResponse, ORJSONResponse, StreamingResponse
from prometheus_client import Histogram
from prometheus_fastapi_instrumentator import Instrumentator

from predictor import codecs, engines, journal, watching
from predictor.settings import Model, settings

journal.set_up(settings().logging)
log = logging.getLogger("predictor")
app = FastAPI(title="predictor", version="1")
watching.set_up(app, settings())
Instrumentator(excluded_handlers=["/metrics"]).instrument(app).expose(app, should_gzip=True)
ROWS = Histogram("predictor_rows", "Rows of a request", ["model"], buckets=(1, 10, 100))


@app.exception_handler(codecs.Unknown)
async def unknown(request: Request, error: codecs.Unknown):
    return JSONResponse({"error": f"no codec for {error}"}, 415)


@app.middleware("http")
async def tell(request: Request, call_next):
    try:
        return await call_next(request)
    except Exception:
        log.exception("failed: %s", request.url.path)
        raise


@app.get("/health")
async def health():
    return {"status": "up", "models": sorted(settings().models)}


@app.post("/predict/{name}")
async def predict(name: str, request: Request):
    if name not in settings().models and name not in engines._LOADED:
        raise HTTPException(404, f"no model {name}")
    kind = request.headers.get("content-type", "")
    wanted = request.headers.get("accept", "*/*")
    writer = codecs.codec(kind if "*" in wanted else wanted)
    rows = codecs.codec(kind).read(await request.body())
    ROWS.labels(name).observe(len(rows))
    log.info("predicting %d rows", len(rows))
    return Response(writer.write(engines.get(name)(rows)), media_type=writer.MEDIA)


@app.post("/convert")
async def convert(request: Request):
    writer = codecs.codec(request.headers["accept"])
    return Response(writer.write(codecs.codec(request.headers.get("content-type", "")).read(await request.body())), media_type=writer.MEDIA)


@app.put("/models/{name}")
def load(name: str, model: Model):
    from predictor import stores

    engines.put(name, model.model_copy(update={"path": stores.fetch(model.path)}))
    return {"loaded": name}


@app.post("/anonymize")
def anonymize(text: str = Body(), language: str = Body("en"), operators: dict = Body({}), configured: bool = Body(False)):
    from predictor import guard

    return guard.replaced(text, language, operators, configured)


@app.post("/restore")
def restore(text: str = Body(), items: list = Body(), key: str = Body()):
    from predictor import guard

    return guard.restored(text, items, key)


@app.post("/tokens/{kind}")
def tokens(kind: str, text: str = Body(embed=True)):
    from predictor import words

    return words.split(kind, text)


@app.post("/features/{kind}")
def features(kind: str, names: list[str] = Body(), rows: list[dict] = Body()):
    from predictor import features

    return getattr(features, kind)(names, rows)


@app.post("/remote/{how}")
def remote(how: str, address: str = Body(), model: str = Body(), rows: list = Body(), name: str = Body("predict")):
    from predictor import remote

    return remote.ask(how, address, model, rows, name)


@app.post("/remote/{how}/later")
async def remote_later(how: str, address: str = Body(), model: str = Body(), rows: list = Body()):
    from predictor import remote

    return await remote.ask_later(how, address, model, rows)


@app.post("/jobs/arq")
async def job(model: str = Body(), rows: list = Body()):
    from arq import create_pool

    from predictor import jobs

    pool = await create_pool(jobs.Worker.redis_settings)
    queued = await pool.enqueue_job("predict", model, rows)
    try:
        return {"result": await queued.result(timeout=30, poll_delay=0.1), "status": str(await queued.status())}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


@app.post("/jobs/dramatiq")
def other_job(model: str = Body(), rows: list = Body(), sum_of: int = Body(1)):
    import dramatiq

    from predictor import jobs

    try:
        if sum_of == 1:
            return {"result": jobs.later.send(model, rows).get_result(block=True, timeout=30_000)}
        group = dramatiq.group([jobs.later.message(model, rows) for _ in range(sum_of)]).run()
        values = list(group.get_results(block=True, timeout=30_000))
        return {"result": jobs.total.send(values).get_result(block=True, timeout=30_000)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


@app.post("/upload/{name}")
async def upload(name: str, table: UploadFile = File()):
    rows = codecs.codec(table.content_type).read(await table.read())
    return {"file": table.filename, "predictions": engines.get(name)(rows).tolist()}


@app.get("/stream/{count}")
def stream(count: int):
    return StreamingResponse((f"data: {n}\n\n" for n in range(count)), media_type="text/event-stream")


@app.websocket("/live/{name}")
async def live(socket: WebSocket, name: str):
    await socket.accept()
    async for rows in socket.iter_json():
        await socket.send_json(engines.get(name)(rows).tolist())


@app.get("/fail/{how}")
def fail(how: str):
    if how == "group":
        raise ExceptionGroup("two", [ValueError("one"), KeyError("other")])
    if how == "memory":
        return len(bytearray(1 << 62))
    if how == "worker":
        os.kill(os.getpid(), signal.SIGABRT)
    tea = {"cups": 0}
    return 1 / tea["cups"]


@app.get("/fast", response_class=ORJSONResponse)
def fast():
    import datetime

    return {"when": datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC), "names": {1, 2}}
