import asyncio
from logging.config import fileConfig

from alembic import context
from relay.records import Asked
from relay.settings import settings
from sqlalchemy.ext.asyncio import create_async_engine

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def run(connection):
    context.configure(connection=connection, target_metadata=Asked.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def online():
    engine = create_async_engine(settings.database)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(url=settings.database, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(online())
