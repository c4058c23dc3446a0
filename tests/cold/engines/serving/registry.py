"""The models that are served: `models.json` names a backend and a file for each; a backend is imported when its first model is loaded."""

import importlib
import json
import threading
from typing import Any, Protocol

from serving.shared import MODELS, log


class Model(Protocol):
    def about(self) -> dict: ...

    def infer(self, inputs: dict[str, Any], **options: Any) -> dict: ...


class Registry:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[str, Model] = {}
        self.read()

    def read(self) -> None:
        """Read the list again; what is loaded is loaded anew when it is next asked for."""
        with self._lock:
            self._known = json.loads((MODELS / "models.json").read_text())
            self._loaded.clear()
        log.info("%s models", len(self._known))

    def names(self) -> list[str]:
        return sorted(self._known)

    def model(self, name: str) -> Model:
        """Raises KeyError for a model that is not known."""
        with self._lock:
            if name not in self._loaded:
                item = dict(self._known[name])
                backend = importlib.import_module(f"serving.backends.{item.pop('backend')}")
                self._loaded[name] = backend.load(MODELS / item.pop("file"), **item)
                log.info("%s is loaded", name)
            return self._loaded[name]
