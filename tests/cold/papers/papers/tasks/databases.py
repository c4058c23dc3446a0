"""Databases by URL, their changes, and where files may come from."""

import asyncio
import io
import json
import logging
from contextlib import redirect_stdout


def drivers(urls: list[str]) -> dict:
    from sqlalchemy import create_engine, text

    out = {}
    for url in urls:
        try:
            with create_engine(url).connect() as connection:
                out[url] = str(connection.execute(text("select 1")).scalar())
        except Exception as error:
            out[url] = f"{type(error).__name__}: {str(error).splitlines()[0][:70]}"
    return out


def asynchronous() -> dict:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    async def ask(url: str) -> str:
        engine = create_async_engine(url)
        try:
            async with engine.connect() as connection:
                return str((await connection.execute(text("select 2"))).scalar())
        except Exception as error:
            return type(error).__name__
        finally:
            await engine.dispose()

    return {url: asyncio.run(ask(url)) for url in ("sqlite+aiosqlite://", "postgresql+asyncpg://x@127.0.0.1:1/x")}


def migrate(command: str, *, sql: bool = False) -> dict:
    """Alembic, as the entrypoint's `migrate` has it."""
    from alembic import command as commands
    from alembic.config import Config

    from papers.migrations import configuration

    logging.getLogger("alembic").setLevel(logging.WARNING)
    out = io.StringIO()
    config: Config = configuration("postgresql+psycopg://" if sql else "sqlite:////tmp/changes.db", out)
    with redirect_stdout(out):
        if command == "history":
            commands.history(config, verbose=True)
        elif command == "check":
            commands.upgrade(config, "head")
            commands.check(config)
        elif command == "branches":
            commands.branches(config)
        else:
            getattr(commands, command)(
                config,
                "head" if command in {"upgrade", "stamp"} else "base" if command == "downgrade" and not sql else "head:base",
                **({"sql": True} if sql else {}),
            )
    return {"said": [line for line in out.getvalue().splitlines() if "Path:" not in line and "Create Date" not in line][:24]}


def places(urls: list[str]) -> dict:
    """Files by URL, as fsspec has a class for each protocol."""
    import fsspec

    out = {}
    for url in urls:
        try:
            with fsspec.open(url, "rb") as file:
                out[url] = file.read(30).decode(errors="replace")
        except Exception as error:
            out[url] = f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
    return out


def bucket() -> dict:
    """A bucket elsewhere: what is asked for is signed here, and nobody answers."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        "eu-west-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"max_attempts": 0}, connect_timeout=1),
    )
    out = {
        "url": client.generate_presigned_url("get_object", {"Bucket": "papers", "Key": "tea.pdf"})[:60],
        "waiters": client.waiter_names,
        "pages": client.can_paginate("list_objects_v2"),
    }
    try:
        client.list_objects_v2(Bucket="papers")
    except (BotoCoreError, ClientError) as error:
        out["list"] = type(error).__name__
    try:
        client.put_object(Bucket="papers")
    except BotoCoreError as error:
        out["put"] = str(error)[:60]
    for service in ("textract", "sqs", "bedrock-runtime"):
        out[service] = len(boto3.client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").meta.service_model.operation_names) > 1
    return out


def shell(host: str = "127.0.0.1") -> dict:
    """Files over SSH."""
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    key = paramiko.RSAKey.generate(2048)
    try:
        client.connect(host, 1, "papers", timeout=2)
    except Exception as error:
        return {"error": type(error).__name__, "key": key.get_name()}
    return {}


def report() -> dict:
    """What is kept, as a table for people and as Parquet for programs."""
    import duckdb
    import pandas

    frame = pandas.DataFrame({"name": ["tea.pdf", "milk.pdf"], "pages": [2, 3], "came": pandas.to_datetime(["2024-02-29", "2024-03-01"])})
    out = io.BytesIO()
    frame.to_parquet(out)
    book = io.BytesIO()
    with pandas.ExcelWriter(book) as writer:
        frame.to_excel(writer, sheet_name="papers")
    with duckdb.connect() as connection:
        rows = connection.execute("select name, sum(pages) over (order by came) from frame").fetchall()
    tried = {}
    for name in ("to_markdown", "to_html", "to_latex", "to_xml", "to_stata", "to_hdf", "to_feather", "to_orc"):
        try:
            target = [io.BytesIO()] if name in {"to_stata", "to_feather", "to_orc"} else ["/tmp/x.h5", "t"] if name == "to_hdf" else []
            tried[name] = len(str(getattr(frame, name)(*target))) > 1
        except Exception as error:
            tried[name] = f"{type(error).__name__}: {str(error)[:60]}"
    return {
        "parquet": pandas.read_parquet(io.BytesIO(out.getvalue())).shape,
        "excel": book.getvalue()[:2].decode(),
        "rows": rows,
        "json": json.loads(frame.to_json(orient="table"))["schema"]["fields"][1],
        "as": tried,
    }
