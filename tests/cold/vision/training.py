"""One epoch for each task, with loader processes and plots; validation with COCO's measures; a search; a resumed run."""

import logging
import os
import shutil
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import torch

if __name__ == "__main__":
    from ultralytics import YOLO, settings

    from vision import shapes

    logging.disable(logging.CRITICAL)
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the other output is for bars of progress
    shutil.rmtree("/tmp/t", ignore_errors=True)
    os.makedirs("/tmp/t")
    os.chdir("/tmp/t")
    base = {"epochs": 1, "imgsz": 64, "batch": 4, "device": "cpu", "workers": 2, "project": "/tmp/t/runs", "exist_ok": True}

    def attempt(name, action):
        torch.manual_seed(1)
        try:
            print(name, action(), flush=True, file=said)
        except Exception as error:
            print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:120], flush=True, file=said)

    def trained(task, configuration, **more):
        data = shapes.write(Path(f"/tmp/t/{task}"), 8, task)
        YOLO(configuration).train(data=str(data), name=task, **base | {"plots": True} | more)
        return sorted(str(path.relative_to(f"/tmp/t/runs/{task}")) for path in Path(f"/tmp/t/runs/{task}").rglob("*") if path.is_file())

    def validated():
        measures = YOLO("/models/detect.pt").val(
            data="/tmp/t/detect/data.yaml",
            imgsz=96,
            batch=4,
            workers=0,
            device="cpu",
            save_json=True,
            save_txt=True,
            save_hybrid=False,
            plots=True,
            project="/tmp/t/runs",
            name="val",
            exist_ok=True,
        )
        return (
            sorted(path.name for path in Path("/tmp/t/runs/val").iterdir()),
            sorted(measures.results_dict),
            measures.box.map50 > 0.2,
            type(measures.to_df()).__name__,
        )

    def resumed():
        model = YOLO("yolo11n.yaml")
        model.add_callback("on_train_epoch_end", lambda trainer: setattr(trainer, "stop", True))
        model.train(data="/tmp/t/detect/data.yaml", name="resumed", **base | {"epochs": 3, "plots": False, "workers": 0, "save_period": 1})
        YOLO("/tmp/t/runs/resumed/weights/last.pt").train(resume=True)
        return Path("/tmp/t/runs/resumed/results.csv").read_text().count("\n")

    for task, configuration in (
        ("detect", "yolo11n.yaml"),
        ("segment", "yolo11n-seg.yaml"),
        ("pose", "/models/pose.pt"),
        ("classify", "yolo11n-cls.yaml"),
        ("obb", "yolo11n-obb.yaml"),
    ):
        attempt(task, lambda: trained(task, configuration))
    attempt("validated", validated)
    for name, more in {
        "cosine": {"cos_lr": True, "optimizer": "SGD"},
        "rare": {"optimizer": "RMSProp", "mixup": 1.0, "cutmix": 0.5, "copy_paste": 0.5, "degrees": 10, "shear": 2, "perspective": 0.0005},
        "cached": {"cache": "disk"},
        "in memory": {"cache": "ram", "rect": True},
        "frozen": {"freeze": 10, "single_cls": True},
        "muon": {"optimizer": "MuSGD"},
        "bfloat": {"amp": "bf16"},
    }.items():
        attempt(name, lambda: len(trained("detect", "yolo11n.yaml", plots=False, **more)) > 2)
    attempt("resumed", resumed)
    attempt(
        "tuned",
        lambda: (
            YOLO("yolo11n.yaml").tune(data="/tmp/t/detect/data.yaml", iterations=1, **base | {"plots": False, "workers": 0, "name": "tuned"}),
            sorted(path.name for path in Path("/tmp/t/runs").glob("*tune*")),
        )[1],
    )
    attempt("no data", lambda: YOLO("yolo11n.yaml").train(data="coco8.yaml", **base))
    attempt("settings", lambda: sorted(settings)[:4])
    os._exit(0)
