"""Detectors of ultralytics by configuration: parts that are named in YAML, other families, other heads, files that are not there."""

import os
import warnings

warnings.simplefilter("ignore")
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the other output is for bars of progress
import numpy as np
import torch
import ultralytics
from ultralytics import FastSAM, NAS, RTDETR, SAM, YOLO, YOLOE, YOLOWorld

from vision import shapes

image = shapes.drawn(2000)[0]
picture = np.asarray(image)[..., ::-1].copy()


def attempt(name, action):
    torch.manual_seed(1)
    try:
        print(name, action(), flush=True, file=said)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:100], flush=True, file=said)


def born(name, kind=YOLO):
    model = kind(name)
    (found,) = model.predict(picture, imgsz=96, conf=0.0, max_det=3, device="cpu", verbose=False)
    return (
        model.task,
        sum(value.numel() for value in model.model.parameters()),
        sorted(name for name in ("boxes", "masks", "keypoints", "probs", "obb", "semantic_mask", "depth") if getattr(found, name, None) is not None),
    )


for name in (
    "yolov3-tiny",
    "yolov5n",
    "yolov6n",
    "yolov8n",
    "yolov8n-seg",
    "yolov8n-p2",
    "yolov8n-p6",
    "yolov8n-ghost",
    "yolov8n-rtdetr",
    "yolov8-cls-resnet50",
    "yolov9t",
    "yolov10n",
    "yolo11n-obb",
    "yolo11-cls-resnet18",
    "yolo12n",
    "yolo12n-seg",
    "yolo26n",
    "yolo26n-p2",
    "yolo26n-seg",
    "yolo26n-pose",
    "yolo26n-cls",
    "yolo26n-obb",
    "yolo26n-sem",
    "yolo26n-depth",
):
    attempt(name, lambda: born(f"{name}.yaml"))
attempt("rtdetr", lambda: born("rtdetr-l.yaml", RTDETR))
attempt("world", lambda: YOLOWorld("yolov8s-worldv2.yaml").task)
attempt("yoloe", lambda: YOLOE("yoloe-11s.yaml").task)
attempt("nas", lambda: NAS("yolo_nas_s.pt"))
attempt("sam", lambda: SAM("sam_b.pt"))
attempt("fast", lambda: FastSAM("FastSAM-s.pt"))
attempt("nothing", lambda: YOLO("yolo99n.pt"))
attempt("no yaml", lambda: YOLO("yolo99n.yaml"))
open("/tmp/rubbish.pt", "wb").write(b"PK rubbish")
attempt("rubbish", lambda: YOLO("/tmp/rubbish.pt"))
attempt("safely", lambda: (os.environ.__setitem__("ULTRALYTICS_SAFE_LOAD", "1"), YOLO("/models/detect.pt").task)[1])
found = YOLO("/models/detect.pt").predict(image, imgsz=96, conf=0.05, verbose=False, device="cpu")[0]
for name in ("to_df", "to_csv", "to_json", "summary", "verbose", "tojson"):
    attempt(name, lambda: type(getattr(found, name)()).__name__)
attempt("drawn", lambda: (found.plot(font="Arial.ttf").shape, found.plot(pil=True, labels=True).size))
attempt(
    "kept", lambda: (found.save("/tmp/found.jpg") and os.path.getsize("/tmp/found.jpg") > 500, found.save_txt("/tmp/found.txt"), found.save_crop("/tmp/crops"))
)
attempt("augmented", lambda: YOLO("/models/detect.pt").predict(image, imgsz=96, augment=True, verbose=False, device="cpu")[0].orig_shape)
attempt("features", lambda: YOLO("/models/detect.pt").embed(picture, imgsz=96, verbose=False, device="cpu")[0].shape)
attempt(
    "activations",
    lambda: (
        YOLO("/models/detect.pt").predict(image, imgsz=96, visualize=True, verbose=False, device="cpu", project="/tmp/runs", name="v"),
        sum(len(files) for _, _, files in os.walk("/tmp/runs")) > 0,
    )[1],
)
attempt("assets", lambda: [len(each.boxes) >= 0 for each in YOLO("/models/detect.pt").predict(ultralytics.ASSETS, imgsz=96, verbose=False, device="cpu")])
attempt("sliced", lambda: type(YOLO("/models/detect.pt").predict([image, picture], imgsz=96, half=False, verbose=False, device="cpu", stream=True)).__name__)
attempt("information", lambda: YOLO("/models/detect.pt").info()[0])
attempt("fused", lambda: len(list(YOLO("/models/detect.pt").model.fuse().modules())))
attempt("measured", lambda: ultralytics.utils.torch_utils.get_flops(YOLO("yolo11n.yaml").model, 64) > 0)
attempt("half", lambda: YOLO("/models/detect.pt").predict(image, imgsz=96, quantize=16, verbose=False, device="cpu")[0].orig_shape)
attempt("window", lambda: found.show())
attempt("names", lambda: sorted(name for name in dir(ultralytics) if name[0].isupper() and getattr(ultralytics, name) is None))
attempt("language", lambda: ultralytics.LLM("x")("tea"))
os._exit(0)
