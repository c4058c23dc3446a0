"""OpenVINO."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov


class Model:
    def __init__(self, path: Path, device: str = "CPU", hint: str = "LATENCY") -> None:
        self._core = ov.Core()
        self._model = self._core.read_model(path)
        self._compiled = self._core.compile_model(self._model, device, {"PERFORMANCE_HINT": hint})

    def about(self) -> dict:
        return {"inputs": [str(node) for node in self._compiled.inputs], "devices": self._core.available_devices, "operations": len(self._model.get_ops())}

    def infer(self, inputs: dict[str, Any], asynchronous: bool = False) -> dict:
        fed = {name: np.array(value, np.float32) for name, value in inputs.items()}
        if asynchronous:
            request = self._compiled.create_infer_request()
            request.start_async(fed)
            request.wait()
            return {"probabilities": request.get_output_tensor(0).data}
        return {"probabilities": next(iter(self._compiled(fed).values()))}


load = Model
