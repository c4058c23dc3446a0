import logging

import matplotlib
import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature

logging.getLogger("mlflow").setLevel(logging.ERROR)
matplotlib.use("Agg")
mlflow.set_tracking_uri(f"sqlite:///{HERE}/flavours.db")
mlflow.set_experiment("flavours")
table = pd.read_csv("/srv/platform/data/customers.csv")
X, y = table[["age", "visits", "spent"]].astype(float), table["left"]

from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV

mlflow.sklearn.autolog(log_datasets=True)
with mlflow.start_run() as run_:
    GridSearchCV(RandomForestClassifier(n_estimators=5, random_state=0), {"max_depth": [2, 3]}, cv=2).fit(X, y)
client = mlflow.MlflowClient()
show("sklearn", sorted(item.path for item in client.list_artifacts(run_.info.run_id)))
children = client.search_runs([run_.info.experiment_id], f"tags.mlflow.parentRunId = '{run_.info.run_id}'")
show("children", len(children))
mlflow.sklearn.autolog(disable=True)
from sklearn.linear_model import LogisticRegression

with mlflow.start_run():
    made = mlflow.sklearn.log_model(LogisticRegression().fit(X, y), name="model", serialization_format="skops")
show("skops", mlflow.sklearn.load_model(made.model_uri).predict(X.head(3)).shape)

import xgboost

for form in ("json", "ubj"):
    with mlflow.start_run():
        booster = xgboost.train({"max_depth": 2, "nthread": 1, "objective": "binary:logistic"}, xgboost.DMatrix(X, y), 5)
        made = mlflow.xgboost.log_model(booster, name="model", model_format=form, signature=infer_signature(X, booster.predict(xgboost.DMatrix(X))))
    show("xgboost", form, mlflow.pyfunc.load_model(made.model_uri).predict(X.head(3)).shape, type(mlflow.xgboost.load_model(made.model_uri)).__name__)
mlflow.xgboost.autolog(silent=True)
with mlflow.start_run() as run_:
    xgboost.train(
        {"max_depth": 2, "nthread": 1, "eval_metric": ["auc", "logloss"], "objective": "binary:logistic"},
        xgboost.DMatrix(X, y),
        4,
        evals=[(xgboost.DMatrix(X, y), "on")],
    )
show("plots", sorted(item.path for item in client.list_artifacts(run_.info.run_id)), len(client.get_metric_history(run_.info.run_id, "on-auc")))
mlflow.xgboost.autolog(disable=True)

import statsmodels.api as sm

with mlflow.start_run():
    made = mlflow.statsmodels.log_model(sm.OLS(table["worth"], sm.add_constant(X)).fit(), name="model")
show("statsmodels", mlflow.statsmodels.load_model(made.model_uri).rsquared > 0.5)

import prefect  # noqa: F401 — a big neighbour must not change how models are pickled


class Sum(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[dict[str, float]], params=None) -> list[float]:
        return [sum(row.values()) for row in model_input]


with mlflow.start_run():
    made = mlflow.pyfunc.log_model(name="model", python_model=Sum(), pip_requirements=["numpy"])
loaded = mlflow.pyfunc.load_model(made.model_uri)
show("pyfunc", loaded.predict([{"a": 1.0, "b": 2.0}]))
try:
    loaded.predict([{"a": "one"}])
except mlflow.exceptions.MlflowException as error:
    show("refused", error.error_code)
Path("code.py").write_text(
    "import mlflow\nfrom mlflow.models import set_model\nclass M(mlflow.pyfunc.PythonModel):\n    def predict(self, context, model_input, params=None):\n"
    "        return ['x' * int((params or {}).get('n', 1))]\nset_model(M())\n"
)
with mlflow.start_run():
    made = mlflow.pyfunc.log_model(name="model", python_model="code.py", signature=infer_signature([""], [""], {"n": 2}), pip_requirements=["numpy"])
show("code", mlflow.pyfunc.load_model(made.model_uri).predict([""], params={"n": 3}))

with mlflow.start_run() as run_:
    data = table.assign(guess=(table["visits"] < 2).astype(int))
    result = mlflow.models.evaluate(data=data[["visits", "left", "guess"]], predictions="guess", targets="left", model_type="classifier")
show("evaluated", round(result.metrics["accuracy_score"], 2), sorted(result.artifacts))
import matplotlib.pyplot as plt

with mlflow.start_run() as run_:
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    mlflow.log_figure(figure, "line.svg")
    mlflow.log_figure(figure, "line.png")
    mlflow.log_table({"q": ["a"], "n": [1]}, "table.json")
    mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "black.png")
    import plotly.express as px

    mlflow.log_figure(px.bar(x=[1], y=[2]), "bar.html")
show("figures", sorted((item.path, item.file_size > 50) for item in client.list_artifacts(run_.info.run_id)))
