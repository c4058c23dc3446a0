"""JAX: programs that `jax.export` made."""

from pathlib import Path
from typing import Any

import jax
import numpy as np


class Model:
    def __init__(self, path: Path) -> None:
        self._program = jax.export.deserialize(bytearray(path.read_bytes()))

    def about(self) -> dict:
        return {"inputs": [str(aval) for aval in self._program.in_avals], "platforms": self._program.platforms}

    def infer(self, inputs: dict[str, Any]) -> dict:
        return {"probabilities": np.asarray(self._program.call(np.array(inputs["x"], np.float32)))}


load = Model
