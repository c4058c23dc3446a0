"""Alembic's configuration, made here: there is no alembic.ini to forget."""

import sys
from importlib.resources import files


def configuration(url: str, out=sys.stdout):
    from alembic.config import Config

    config = Config(stdout=out, output_buffer=out)
    config.set_main_option("script_location", str(files("papers.migrations")))
    config.set_main_option("sqlalchemy.url", url)
    return config
