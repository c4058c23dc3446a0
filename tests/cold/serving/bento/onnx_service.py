"""The flowers once more, from a graph in the store."""

import bentoml
import numpy as np


@bentoml.service
class Graph:
    model = bentoml.models.BentoModel("iris-graph:latest")

    def __init__(self):
        self.session = bentoml.onnx.load_model(self.model)

    @bentoml.api
    def predict(self, rows: np.ndarray) -> list[int]:
        return self.session.run(None, {"rows": rows.astype(np.float32)})[0].tolist()
