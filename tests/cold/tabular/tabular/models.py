"""A model by its name, of whatever library it is."""
import pickle
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np

FOLDER = Path(__file__).parents[1] / "models"


@lru_cache(maxsize=32)
def predictor(name):
    found = [path for path in sorted(FOLDER.iterdir()) if name in (path.name, path.stem)]
    if not found:
        raise LookupError(name)
    path = found[0]
    match path.suffix:
        case ".joblib":
            model = joblib.load(path)
            return model.predict if hasattr(model, "predict") else _encode(model)
        case ".ubj" | ".json":
            import xgboost

            booster = xgboost.Booster(model_file=str(path))
            return lambda X: booster.predict(xgboost.DMatrix(X))
        case ".onnx":
            import onnxruntime

            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            return lambda X: session.run(None, {session.get_inputs()[0].name: X.astype(np.float32)})[0]
        case _:
            model = pickle.loads(path.read_bytes())
            if hasattr(model, "predict") and not hasattr(model, "params"):
                return model.predict
            if hasattr(model, "params"):
                return lambda X: model.predict(np.column_stack([np.ones(len(X)), X]))
            return model


def predict(name, rows):
    return [round(float(value), 4) for value in np.asarray(predictor(name)(np.asarray(rows, dtype=float))).ravel()]


def _encode(encoder):
    import pandas as pd

    return lambda rows: encoder.transform(pd.DataFrame({"a": ["xyz"[int(row[0]) % 3] for row in rows]})).to_numpy()


def registered(name, rows):
    import mlflow.pyfunc

    return [round(float(value), 4) for value in np.ravel(mlflow.pyfunc.load_model(str(FOLDER / "registered" / name)).predict(np.asarray(rows, dtype=float)))]
