"""Databases by their URLs, a schema that is brought up to date."""

import asyncio
import tempfile
from pathlib import Path

import sqlalchemy
from sqlalchemy.dialects import registry

registry.register("sqlite.counted", "desk.dialect", "Counted")


async def later(url):
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        print("later", (await connection.execute(sqlalchemy.text("select count(*) from orders"))).scalar())
    await engine.dispose()


def run(*urls):
    folder = Path(tempfile.mkdtemp())
    from alembic import command
    from alembic.config import Config

    config = Config("/srv/desk/app/alembic.ini", stdout=open(folder / "out", "w"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{folder}/desk.db")
    config.set_main_option("version_locations", f"{config.get_main_option('version_locations')}:{folder}")
    command.upgrade(config, "head")
    command.history(config)
    command.downgrade(config, "-1")
    command.upgrade(config, "head")
    command.revision(config, message="one more", rev_id="0003", version_path=str(folder))
    print((folder / "out").read_text().strip().replace(str(folder), "FOLDER"))
    print(sorted(path.name for path in folder.iterdir() if path.is_file()))
    asyncio.run(later(f"sqlite+aiosqlite:///{folder}/desk.db"))
    with sqlalchemy.create_engine(f"sqlite+counted:///{folder}/desk.db").connect() as connection:
        print(connection.dialect.name, connection.dialect.count, sqlalchemy.inspect(connection).get_table_names())
    for url in urls:
        try:
            engine = sqlalchemy.create_engine(url)
            print(url, engine.dialect.name, engine.dialect.driver)
        except Exception as error:
            print(url, type(error).__name__, str(error).splitlines()[0])
