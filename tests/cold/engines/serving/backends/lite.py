"""LiteRT."""

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class Model:
    def __init__(self, path: Path, threads: int = 1) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)

    def about(self) -> dict:
        return {"inputs": [[item["name"], item["shape"], item["dtype"].__name__] for item in self._interpreter.get_input_details()]}

    def infer(self, inputs: dict[str, Any]) -> dict:
        item = self._interpreter.get_input_details()[0]
        values = np.array(inputs[item["name"]], item["dtype"])
        self._interpreter.resize_tensor_input(item["index"], values.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(item["index"], values)
        self._interpreter.invoke()
        return {found["name"]: self._interpreter.get_tensor(found["index"]) for found in self._interpreter.get_output_details()}


load = Model
