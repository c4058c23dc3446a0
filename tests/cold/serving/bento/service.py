"""The flowers as services of BentoML: one that serves, one that asks it, one of the older kind is in `runners.py`."""

import typing
from pathlib import Path

import bentoml
import numpy as np
import pandas as pd
from PIL import Image
from pydantic import BaseModel, Field

KINDS = ["setosa", "versicolor", "virginica"]


class Flower(BaseModel):
    petal: float = Field(gt=0, description="length in cm")
    name: str | None = None


@bentoml.service(
    traffic={"timeout": 20, "concurrency": 4},
    metrics={"enabled": True, "namespace": "flowers"},
    http={"cors": {"enabled": True, "access_control_allow_origins": ["*"]}},
)
class Flowers:
    model_ref = bentoml.models.BentoModel("iris:latest")

    def __init__(self):
        self.model = bentoml.sklearn.load_model(self.model_ref)

    @bentoml.api
    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.model.predict(rows)

    @bentoml.api(batchable=True, max_batch_size=8, max_latency_ms=5000)
    def batched(self, rows: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(rows).round(3)

    @bentoml.api(route="/v1/table")
    def table(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(kind=[KINDS[n] for n in self.model.predict(table.to_numpy())])

    @bentoml.api
    def flower(self, flower: Flower) -> dict:
        return {"flower": flower.name, "long": flower.petal > 4}

    @bentoml.api
    def picture(self, picture: Image.Image, size: int = 4) -> Image.Image:
        return picture.resize((size, size)).convert("L")

    @bentoml.api
    def file(self, file: Path) -> typing.Annotated[Path, bentoml.validators.ContentType("text/csv")]:
        target = Path("/tmp/answer.csv")
        target.write_text(file.read_text().upper())
        return target

    @bentoml.api
    async def words(self, text: str) -> typing.AsyncGenerator[str, None]:
        for word in text.split():
            yield word + "\n"

    @bentoml.task
    def slow(self, text: str) -> str:
        return text[::-1]

    @bentoml.api
    def fail(self, how: str) -> str:
        if how == "bento":
            raise bentoml.exceptions.InvalidArgument("not a flower")
        return str(1 / len(""))


@bentoml.service(workers=1)
class Front:
    flowers = bentoml.depends(Flowers)

    @bentoml.api
    async def sure(self, rows: np.ndarray) -> dict:
        found = await self.flowers.to_async.batched(rows)
        return {"sure": [bool(row.max() > 0.8) for row in found]}
