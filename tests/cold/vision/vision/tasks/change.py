"""A picture changed by a recipe that a client sends."""

import io
import json

import numpy as np
from PIL import Image

from vision.opening import opened


def run(data: bytes, how: dict):
    import albumentations

    steps = [getattr(albumentations, step["what"])(p=1.0, **step.get("with", {})) for step in json.loads(how.get("recipe", "[]"))]
    recipe = albumentations.Compose(steps, seed=1)
    image = Image.fromarray(recipe(image=np.asarray(opened(data).convert("RGB")))["image"])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue() if how.get("raw") else {"size": image.size, "mean": round(float(np.asarray(image).mean()))}
