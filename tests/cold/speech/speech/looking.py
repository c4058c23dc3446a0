"""What is in a picture, by models of several libraries."""

from functools import cache

import numpy as np
from PIL import Image

from speech.settings import settings

NAMES = ("cat", "dog", "tea")


@cache
def _vit():
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    folder = settings.models / "vit"
    return AutoImageProcessor.from_pretrained(folder), AutoModelForImageClassification.from_pretrained(folder).eval()


def vit(image: Image.Image, words: list[str]) -> list[list]:
    import torch

    processor, model = _vit()
    with torch.inference_mode():
        found = model(**processor(image, return_tensors="pt")).logits.softmax(-1)[0].tolist()
    return sorted(([model.config.id2label[n], round(value, 2)] for n, value in enumerate(found)), key=str)


def clip(image: Image.Image, words: list[str]) -> list[list]:
    from transformers import pipeline

    found = pipeline("zero-shot-image-classification", model=str(settings.models / "clip"))(image, candidate_labels=words)
    return sorted([item["label"], round(item["score"], 1)] for item in found)


def timm(image: Image.Image, words: list[str]) -> list[list]:
    import timm as library
    from safetensors.torch import load_file

    model = library.create_model("test_vit", num_classes=3).eval()
    model.load_state_dict(load_file(settings.models / "test_vit.safetensors"))
    change = library.data.create_transform(**library.data.resolve_model_data_config(model))
    found = model(change(image)[None]).softmax(-1)[0].tolist()
    return sorted([NAMES[n], round(value, 2)] for n, value in enumerate(found))


def onnx(image: Image.Image, words: list[str]) -> list[list]:
    import onnxruntime

    session = onnxruntime.InferenceSession(settings.models / "edges.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.asarray(image.convert("L"), "float32")[None, None]})
    return [["edges", int((np.abs(found) > 50).sum())]]


def sharp(image: Image.Image, words: list[str]) -> list[list]:
    from skimage import exposure, feature, filters, measure

    grey = np.asarray(image.convert("L"), "float32") / 255
    return [["entropy", round(float(measure.shannon_entropy(grey)), 2)], ["canny", int(feature.canny(grey).sum())], ["sobel", round(float(filters.sobel(grey).mean()), 3)], ["contrast", bool(exposure.is_low_contrast(grey))]]
