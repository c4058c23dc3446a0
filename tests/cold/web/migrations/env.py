from logging.config import fileConfig

from alembic import context
from sqlalchemy import engine_from_config

fileConfig(context.config.config_file_name)
from shop.db import Base

if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with engine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.").connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
