"""Make the models once, as the image is built: one that was trained for a while, one of each other kind as it is born."""

import sys
import tempfile
from pathlib import Path

import torch
from ultralytics import YOLO

from vision import shapes

KINDS = {"segment": "yolo11n-seg", "pose": "yolo11n-pose", "classify": "yolo11n-cls", "obb": "yolo11n-obb"}


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        data = shapes.write(Path(name) / "data", 64)
        model = YOLO("yolo11n.yaml")
        model.train(
            data=str(data),
            epochs=40,
            imgsz=96,
            batch=16,
            nbs=16,
            workers=0,
            device="cpu",
            plots=False,
            val=False,
            project=f"{name}/runs",
            name="a",
            optimizer="AdamW",
            lr0=0.003,
            warmup_epochs=1,
            mosaic=0.0,
            scale=0.1,
            translate=0.05,
            hsv_h=0.0,
            hsv_s=0.1,
            hsv_v=0.1,
            seed=1,
            verbose=False,
        )
        YOLO(f"{name}/runs/a/weights/last.pt").save(str(target / "detect.pt"))
    for kind, configuration in KINDS.items():
        torch.manual_seed(1)
        YOLO(f"{configuration}.yaml").save(str(target / f"{kind}.pt"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
