"""What ultralytics makes of a video: counts, heat maps, zones, speeds, graphs; each tracker; notes for a data set."""

import logging
import os
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the other output is for bars of progress
import cv2
import numpy as np
import torch
from ultralytics import YOLO, solutions

logging.disable(logging.CRITICAL)
os.makedirs("/tmp/s", exist_ok=True)
os.chdir("/tmp/s")
PATH = "/tmp/w/libx264.mp4"


def attempt(name, action):
    torch.manual_seed(1)
    try:
        print(name, action(), flush=True, file=said)
    except BaseException as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:120], flush=True, file=said)


def frames():
    source = cv2.VideoCapture(PATH)
    while (read := source.read())[0]:
        yield read[1]


def solved(kind, **more):
    made = getattr(solutions, kind)(
        model="/models/pose.pt" if kind == "AIGym" else "/models/segment.pt" if kind == "InstanceSegmentation" else "/models/detect.pt",
        show=False,
        verbose=False,
        imgsz=96,
        conf=0.1,
        device="cpu",
        **more,
    )
    result = None
    for number, frame in enumerate(frames()):
        result = made(frame, number + 1) if kind == "Analytics" else made(frame)
    return result.plot_im.shape if result.plot_im is not None else sorted(os.listdir())


for kind, more in {
    "ObjectCounter": {"region": [(10, 48), (90, 48)]},
    "RegionCounter": {"region": [(0, 0), (60, 0), (60, 90), (0, 90)]},
    "QueueManager": {"region": [(0, 0), (60, 0), (60, 90), (0, 90)]},
    "TrackZone": {"region": [(0, 0), (60, 0), (60, 90), (0, 90)]},
    "Heatmap": {"colormap": cv2.COLORMAP_PARULA},
    "SpeedEstimator": {},
    "DistanceCalculation": {},
    "ObjectBlurrer": {},
    "ObjectCropper": {"crop_dir": "/tmp/s/crops"},
    "VisionEye": {"vision_point": (5, 5)},
    "InstanceSegmentation": {},
    "AIGym": {"kpts": [0, 1, 2]},
    "SecurityAlarm": {"records": 999},
}.items():
    attempt(kind, lambda: solved(kind, **more))
for kind in ("line", "bar", "pie", "area"):
    attempt(f"Analytics {kind}", lambda: solved("Analytics", analytics_type=kind))
Path("spots.json").write_text('[{"points": [[0, 0], [60, 0], [60, 90], [0, 90]]}]')
attempt("ParkingManagement", lambda: solved("ParkingManagement", json_file="spots.json"))
attempt("points for parking", lambda: type(solutions.ParkingPtsSelection()).__name__)
attempt("search", lambda: solutions.VisualAISearch(data="/tmp/s"))
attempt("page", lambda: solutions.Inference(model="/models/detect.pt"))
for tracker in ("bytetrack", "botsort", "ocsort", "deepocsort", "fasttrack", "tracktrack"):

    def tracked(**more):
        found = YOLO("/models/detect.pt").track(PATH, tracker=f"{tracker}.yaml", imgsz=96, conf=0.1, device="cpu", verbose=False, **more)
        return len(found), len({number for each in found if each.boxes.id is not None for number in each.boxes.id.int().tolist()})

    attempt(tracker, tracked)
Path("own.yaml").write_text(
    Path(__import__("ultralytics").__file__)
    .with_name("cfg")
    .joinpath("trackers/botsort.yaml")
    .read_text()
    .replace("with_reid: False", "with_reid: True")
    .replace("gmc_method: sparseOptFlow", "gmc_method: orb")
)
attempt("again recognised", lambda: len(YOLO("/models/detect.pt").track(PATH, tracker="own.yaml", imgsz=96, conf=0.1, device="cpu", verbose=False)))
attempt("no tracker", lambda: YOLO("/models/detect.pt").track(PATH, tracker="none.yaml", verbose=False))
attempt(
    "kept",
    lambda: (
        YOLO("/models/detect.pt").predict(
            PATH, imgsz=96, save=True, save_frames=True, save_txt=True, save_crop=True, project="/tmp/s/runs", name="v", device="cpu", verbose=False
        ),
        sorted(os.listdir("/tmp/s/runs/v")),
    )[1],
)
for source in ("/tmp/w/a.jpg", "/tmp/w/*.mp4", "/nothing.mp4", "https://localhost:1/a.jpg", "screen", "rtsp://localhost:1/a", 0):
    attempt(f"source {source}", lambda: len(YOLO("/models/detect.pt").predict(source, imgsz=96, device="cpu", verbose=False)))


def converted():
    from ultralytics.data import converter, split
    from vision import shapes

    shapes.write(Path("/tmp/s/set"), 4)
    mask = np.zeros((20, 20), "u1")
    mask[4:9, 4:9] = 1
    os.makedirs("masks", exist_ok=True)
    cv2.imwrite("masks/a.png", mask)
    converter.convert_segment_masks_to_yolo_seg("masks", "out", 1) if os.makedirs("out", exist_ok=True) is None else None
    return Path("out/a.txt").read_text().split()[0], callable(converter.convert_coco), callable(split.autosplit)


attempt("converted", converted)
attempt("checked", lambda: sorted(__import__("ultralytics.data.utils", fromlist=["a"]).check_det_dataset("/tmp/s/set/data.yaml"))[:3])
attempt("statistics", lambda: type(__import__("ultralytics.data.utils", fromlist=["a"]).HUBDatasetStats).__name__)
attempt(
    "benchmark",
    lambda: (
        type(
            __import__("ultralytics.utils.benchmarks", fromlist=["a"]).benchmark(
                model="/models/detect.pt", data="/tmp/s/set/data.yaml", imgsz=96, device="cpu", format="torchscript"
            )
        ).__name__
    ),
)
attempt(
    "annotated",
    lambda: __import__("ultralytics.data.annotator", fromlist=["a"]).auto_annotate("/tmp/w", det_model="/models/detect.pt", sam_model="/nothing.pt"),
)
for form in ("openvino", "engine", "coreml", "saved_model", "litert", "paddle", "mnn", "ncnn", "imx", "rknn", "executorch", "nothing"):
    attempt(f"as {form}", lambda: YOLO("/models/detect.pt").export(format=form, imgsz=96, device="cpu"))
os._exit(0)
