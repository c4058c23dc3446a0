"""One module for each library that runs models; the settings choose by its name."""

import importlib

from predictor.settings import Model, settings

_LOADED: dict[str, object] = {}


def get(name: str):
    if name not in _LOADED:
        put(name, settings().models[name])
    return _LOADED[name]


def put(name: str, model: Model) -> None:
    engine = importlib.import_module(f"{__name__}.{model.engine}")
    _LOADED[name] = engine.load(model.path, **model.options)


def drop() -> None:
    _LOADED.clear()
