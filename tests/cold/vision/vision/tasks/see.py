"""Other heads: masks, points, kinds, turned boxes."""

from vision.opening import opened


def run(data: bytes, how: dict):
    from vision.web import model

    task = how.get("task", "segment")
    (found,) = model(task).predict(opened(data).convert("RGB"), imgsz=96, conf=float(how.get("conf", "0")), max_det=5, device="cpu", verbose=False)
    if how.get("drawn") == "1":
        return found.plot().tobytes()[:64]
    part = getattr(found, {"segment": "masks", "pose": "keypoints", "classify": "probs", "obb": "obb"}[task])
    return {"task": task, "shape": list(part.shape), "columns": sorted(found.summary()[0])}
