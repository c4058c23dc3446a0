"""The same model in another form, as it is tried out before a release."""

import tempfile
from pathlib import Path

import numpy as np

from vision.opening import opened


def run(data: bytes, how: dict):
    import torch
    from ultralytics import YOLO

    from vision.web import MODELS

    image = opened(data).convert("RGB")
    form = how.get("form", "torchscript")
    plain = YOLO(MODELS / "detect.pt")
    tensor = torch.from_numpy(np.asarray(image.resize((96, 96))).copy()).permute(2, 0, 1)[None] / 255
    if form == "compiled":
        return {"form": form, "same": _compiled(plain.model.eval(), tensor)}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "a.pt"
        copy.write_bytes((MODELS / "detect.pt").read_bytes())
        path = YOLO(copy).export(format=form, imgsz=96, device="cpu", verbose=False, simplify=how.get("simplify") == "1", dynamic=how.get("dynamic") == "1")
        one, other = (
            YOLO(each, task="detect").predict(image, imgsz=96, conf=0.05, device="cpu", verbose=False)[0].boxes for each in (MODELS / "detect.pt", path)
        )
        return {"form": Path(path).suffix, "same": len(one) == len(other), "things": len(one) > 0}


def _compiled(model, tensor) -> bool:
    import torch

    with torch.inference_mode():
        first = model(tensor)[0]
        return bool(torch.allclose(first, torch.compile(model)(tensor)[0], atol=1e-2))
