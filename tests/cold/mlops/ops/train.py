"""Made when the image is built: a table, two models of it, and the registry that names them."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBRegressor

random = np.random.default_rng(7)
N = 400
table = pd.DataFrame(
    {
        "age": random.integers(18, 80, N).astype(float),
        "visits": random.poisson(4, N),
        "spent": np.round(random.gamma(2, 20, N), 2),
        "plan": random.choice(["basic", "full"], N),
    }
)
table["left"] = ((table["visits"] < 3) & (table["plan"] == "basic")).astype(int)
table["worth"] = np.round(table["spent"] * table["visits"], 2)
Path("data").mkdir(exist_ok=True)
table.to_csv("data/customers.csv", index=False)
columns = ["age", "visits", "spent", "plan"]
mlflow.create_experiment("platform", artifact_location="file:///srv/platform/store/artifacts")
mlflow.set_experiment("platform")
client = mlflow.MlflowClient()


def classifier():
    prepared = make_column_transformer((StandardScaler(), ["age", "visits", "spent"]), (OneHotEncoder(handle_unknown="ignore"), ["plan"]))
    return make_pipeline(prepared, LogisticRegression(max_iter=500)).fit(table[columns], table["left"])


with mlflow.start_run(run_name="churn"):
    model = classifier()
    mlflow.log_params({"kind": "logistic"})
    mlflow.log_metric("accuracy", model.score(table[columns], table["left"]))
    signature = infer_signature(table[columns], model.predict(table[columns]))
    made = mlflow.sklearn.log_model(model, name="model", signature=signature, serialization_format="cloudpickle", registered_model_name="churn")
    client.set_registered_model_alias("churn", "champion", made.registered_model_version)

with mlflow.start_run(run_name="worth"):
    numbers = ["age", "visits", "spent"]
    booster = XGBRegressor(n_estimators=20, max_depth=3, n_jobs=1).fit(table[numbers], table["worth"])
    mlflow.log_params({"kind": "trees"})
    made = mlflow.xgboost.log_model(booster, name="model", registered_model_name="worth")
    client.set_registered_model_alias("worth", "champion", made.registered_model_version)
