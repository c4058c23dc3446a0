"""What the service answers: one prediction by the registry's champion, and what operators ask."""

import time
from contextlib import asynccontextmanager
from typing import Any

import mlflow
import pandas as pd
from fastapi import FastAPI, HTTPException, Response
from mlflow.exceptions import MlflowException
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pydantic import BaseModel, Field

ASKED = Counter("predictions", "Rows that were predicted", ["model"])
SECONDS = Histogram("prediction_seconds", "How long a prediction took")
models: dict[str, Any] = {}


class Customer(BaseModel):
    age: float = Field(ge=18, le=120)
    visits: int = Field(ge=0)
    spent: float
    plan: str = "basic"


def load(name: str) -> Any:
    if name not in models:
        models[name] = mlflow.pyfunc.load_model(f"models:/{name}")
    return models[name]


@asynccontextmanager
async def lifespan(_: FastAPI):
    load("churn@champion")
    yield
    models.clear()


app = FastAPI(title="Serving", lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/predict")
def predict(customers: list[Customer], model: str = "churn@champion") -> dict[str, Any]:
    began = time.monotonic()
    try:
        answer = load(model).predict(pd.DataFrame([customer.model_dump() for customer in customers]))
    except MlflowException as error:
        raise HTTPException(404 if error.error_code == "RESOURCE_DOES_NOT_EXIST" else 400, str(error).splitlines()[0]) from error
    SECONDS.observe(time.monotonic() - began)
    ASKED.labels(model).inc(len(customers))
    return {"model": model, "answers": [float(value) for value in answer]}


@app.get("/models")
def registered() -> list[dict[str, Any]]:
    client = mlflow.MlflowClient()
    return [{"name": model.name, "aliases": dict(model.aliases)} for model in client.search_registered_models()]


@app.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
