"""Every transform of albumentations with what it takes by default, kept as JSON and YAML and read again; labels that move along."""

import os
import warnings

warnings.simplefilter("ignore")
import albumentations as A
import cv2
import numpy as np

from vision import shapes

picture = np.asarray(shapes.drawn(2000)[0]).copy()
NEEDED = {
    "Crop": {"x_max": 40, "y_max": 40},
    "RandomCrop": {"height": 40, "width": 40},
    "CenterCrop": {"height": 40, "width": 40},
    "CropAndPad": {"px": 4},
    "RandomResizedCrop": {"size": (40, 40)},
    "Resize": {"height": 30, "width": 30},
    "RandomSizedCrop": {"min_max_height": (20, 40), "size": (30, 30)},
    "RandomSizedBBoxSafeCrop": {"height": 30, "width": 30},
    "CropNonEmptyMaskIfExists": {"height": 30, "width": 30},
    "Lambda": {"image": lambda x, **_: x},
    "GridElasticDeform": {"num_grid_xy": (3, 3), "magnitude": 4},
    "LongestMaxSize": {"max_size": 50},
    "SmallestMaxSize": {"max_size": 50},
    "AtLeastOneBBoxRandomCrop": {"height": 30, "width": 30},
    "TextImage": {"font_path": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
    "FDA": {"reference_images": [picture], "read_fn": lambda x: x},
    "HistogramMatching": {"reference_images": [picture], "read_fn": lambda x: x},
    "PixelDistributionAdaptation": {"reference_images": [picture], "read_fn": lambda x: x},
}


def attempt(name, action):
    np.random.seed(1)
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:80], flush=True)


def applied(kind):
    recipe = A.Compose([kind(p=1.0, **NEEDED.get(kind.__name__, {}))], seed=1)
    found = recipe(image=picture, mask=(picture[..., 0] > 200).astype("u1"))["image"]
    return getattr(found, "shape", type(found).__name__)


for name in sorted(name for name in dir(A) if isinstance(getattr(A, name), type) and issubclass(getattr(A, name), A.BasicTransform)):
    kind = getattr(A, name)
    if name.endswith(("Transform", "ImageOnlyTransform", "DualTransform")) or name.startswith("Base") or "3D" in name:
        print(name, kind.__module__)
        continue
    attempt(name, lambda: applied(kind))
recipe = A.Compose(
    [
        A.OneOf([A.HorizontalFlip(p=1), A.VerticalFlip(p=1)], p=1),
        A.SomeOf([A.RandomBrightnessContrast(), A.HueSaturationValue(), A.CLAHE()], n=2),
        A.Affine(scale=0.9),
        A.Sequential([A.Blur()]),
    ],
    bbox_params=A.BboxParams("yolo", label_fields=["kinds"]),
    keypoint_params=A.KeypointParams("xy"),
    seed=2,
)
attempt("labels", lambda: {name: len(value) for name, value in recipe(image=picture, bboxes=[[0.5, 0.5, 0.2, 0.2]], kinds=[1], keypoints=[(10, 20)]).items()})
plain = A.ReplayCompose([A.HorizontalFlip(), A.Rotate(30)])
attempt("replayed", lambda: A.ReplayCompose.replay(plain(image=picture)["replay"], image=picture)["image"].shape)
for form in ("json", "yaml"):
    attempt(form, lambda: (A.save(recipe, f"/tmp/r.{form}", data_format=form), type(A.load(f"/tmp/r.{form}", data_format=form)).__name__)[1])
attempt("dictionary", lambda: len(A.from_dict(A.to_dict(recipe)).transforms))
attempt("tensor", lambda: A.Compose([A.Normalize(), A.ToTensorV2()])(image=picture)["image"].dtype)
attempt("wrong", lambda: A.Compose([A.RandomCrop(400, 400)])(image=picture))
attempt("wrong names", lambda: A.from_dict({"transform": {"__class_fullname__": "Nothing"}}))
attempt("many", lambda: A.Compose([A.HorizontalFlip(p=1)])(images=np.stack([picture, picture]))["images"].shape)
attempt("shown", lambda: len(repr(recipe)) > 200)
for name in (
    "GaussianBlur",
    "createCLAHE",
    "SIFT_create",
    "ORB_create",
    "AKAZE_create",
    "createBackgroundSubtractorMOG2",
    "createBackgroundSubtractorKNN",
    "SimpleBlobDetector_create",
):
    attempt(name, lambda: callable(getattr(cv2, name)))
attempt("subtracted", lambda: cv2.createBackgroundSubtractorMOG2().apply(picture).shape)
attempt("text", lambda: cv2.putText(picture.copy(), "tea", (5, 50), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255)).mean() > picture.mean())
attempt("cut", lambda: cv2.grabCut(picture, np.zeros((96, 96), "u1"), (5, 5, 80, 80), np.zeros((1, 65)), np.zeros((1, 65)), 1, cv2.GC_INIT_WITH_RECT)[0].shape)
attempt("matched", lambda: cv2.matchTemplate(picture, picture[10:30, 10:30], cv2.TM_CCOEFF_NORMED).shape)
attempt("window", lambda: cv2.imshow("a", picture))
attempt("build", lambda: "FFMPEG" in cv2.getBuildInformation())
os._exit(0)
