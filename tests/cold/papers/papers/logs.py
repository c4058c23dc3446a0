"""Logs, as a YAML file says."""

import logging.config
from importlib.resources import files


def processor():
    import structlog

    return structlog.processors.JSONRenderer(sort_keys=True)


def begin(name: str) -> None:
    import yaml

    place = files("papers").joinpath(name) if "/" not in name else None
    text = place.read_text() if place else open(name).read()
    logging.config.dictConfig(yaml.safe_load(text))
