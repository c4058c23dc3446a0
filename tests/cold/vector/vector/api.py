"""The service."""

import importlib

from fastapi import FastAPI, HTTPException, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from vector import catalogue, telemetry
from vector.readers import reader
from vector.splitters import split

app = FastAPI(title="vector")
telemetry.begin(app)


class Question(BaseModel):
    text: str = Field(min_length=1)
    store: str = "sqlite"
    top: int = Field(3, ge=1, le=50)


@app.exception_handler(LookupError)
async def missing(request: Request, error: LookupError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 404)


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/documents")
def add(file: UploadFile, kind: str = "txt", store: str = "sqlite", by: str = "lines"):
    data = file.file.read()
    try:
        text = reader(kind)(data)
    except (LookupError, ImportError):
        raise
    except Exception as error:
        raise HTTPException(422, f"{type(error).__module__}.{type(error).__name__}: {str(error)[:100]}") from error
    parts = split(text, by)
    importlib.import_module(f"vector.stores.{store}").add(file.filename, parts)
    try:
        catalogue.note(f"{file.filename} in {store}", len(parts))
    except catalogue.IntegrityError as error:
        raise HTTPException(409, type(error).__name__) from error
    return {"parts": len(parts)}


@app.get("/documents")
def names():
    return catalogue.names()


@app.post("/search")
def search(question: Question):
    return importlib.import_module(f"vector.stores.{question.store}").find(question.text, question.top)


@app.get("/export")
def export(form: str = "json"):
    rows = [{"name": name, "length": len(name)} for name in catalogue.names()]
    if form == "json":
        return rows
    if form == "msgpack":
        import msgpack

        return Response(msgpack.packb(rows))
    if form == "arrow":
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, pa.Table.from_pylist(rows).schema) as writer:
            writer.write_table(pa.Table.from_pylist(rows))
        return Response(sink.getvalue().to_pybytes())
    if form in ("parquet", "csv", "avro", "xlsx", "ndjson"):
        import io

        import polars

        out = io.BytesIO()
        getattr(polars.DataFrame(rows), {"xlsx": "write_excel"}.get(form, f"write_{form}"))(out)
        return Response(out.getvalue())
    if form == "zst":
        import orjson
        import zstandard

        return Response(zstandard.compress(orjson.dumps(rows)))
    raise LookupError(form)


@app.post("/sql")
async def sql(request: Request):
    import duckdb

    try:
        return duckdb.sql((await request.body()).decode()).fetchall()
    except duckdb.Error as error:
        raise HTTPException(400, f"{type(error).__name__}: {str(error).splitlines()[0]}") from error


@app.get("/metrics")
def metrics():
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
