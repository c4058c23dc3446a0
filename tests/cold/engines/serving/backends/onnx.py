"""ONNX Runtime."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

KINDS = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(string)": object, "tensor(double)": np.float64, "tensor(uint8)": np.uint8}


class Model:
    def __init__(self, path: Path, providers: list[str] | None = None, threads: int = 2) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = ort.InferenceSession(str(path), options, providers=providers or ["CPUExecutionProvider"])

    def about(self) -> dict:
        session = self._session
        return {
            "inputs": [[node.name, node.type, node.shape] for node in session.get_inputs()],
            "outputs": [[node.name, node.type, node.shape] for node in session.get_outputs()],
            "providers": session.get_providers(),
        }

    def infer(self, inputs: dict[str, Any], outputs: list[str] | None = None) -> dict:
        fed = {node.name: np.array(inputs[node.name], KINDS[node.type]) for node in self._session.get_inputs()}
        names = outputs or [node.name for node in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, fed), strict=True))


load = Model
