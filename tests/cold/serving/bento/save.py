"""Puts the models into the store; run while the image is built."""

import bentoml
import onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

rows, kinds = load_iris(return_X_y=True)
bentoml.sklearn.save_model(
    "iris", LogisticRegression(max_iter=1000).fit(rows, kinds), signatures={"predict": {"batchable": True}}, metadata={"rows": len(rows)}
)
bentoml.onnx.save_model("iris-graph", onnx.load("/srv/models/iris.onnx"))
