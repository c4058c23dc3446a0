"""A picture with what was found drawn into it."""

import io

import numpy as np
from PIL import Image

from vision.opening import opened


def run(data: bytes, how: dict):
    import supervision

    from vision.web import model

    image = opened(data).convert("RGB")
    (found,) = model("detect").predict(image, conf=0.05, imgsz=96, device="cpu", verbose=False)
    things = supervision.Detections.from_ultralytics(found)
    drawn = getattr(supervision, f"{how.get('by', 'Box')}Annotator")().annotate(np.asarray(image).copy(), things)
    out = io.BytesIO()
    Image.fromarray(np.asarray(drawn)).save(out, how.get("to", "PNG"))
    return out.getvalue()
