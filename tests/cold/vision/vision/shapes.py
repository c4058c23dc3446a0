"""Pictures of plain shapes with labels in the form that ultralytics reads: what the models are trained on, and what tests draw."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

NAMES = ("disc", "box")
YAML = "path: {folder}\ntrain: images/train\nval: images/val\nnames:\n  0: disc\n  1: box\n"


def drawn(seed: int, size: int = 96, count: int = 2) -> tuple[Image.Image, list[tuple[int, float, float, float, float]]]:
    """A picture, and for each shape its class, centre, width and height as parts of the picture's."""
    chance = np.random.default_rng(seed)
    image = Image.fromarray(chance.integers(0, 60, (size, size, 3), "uint8"))
    pen, labels = ImageDraw.Draw(image), []
    for place in range(count):
        kind, edge = int(chance.integers(2)), int(chance.integers(size // 5, size // 3))
        left = place * size // count + int(chance.integers(0, max(size // count - edge, 1)))
        top = int(chance.integers(0, size - edge))
        colour = (255, 160, 40) if kind == 0 else (60, 200, 255)
        (pen.ellipse if kind == 0 else pen.rectangle)((left, top, left + edge - 1, top + edge - 1), fill=colour)
        labels.append((kind, (left + edge / 2) / size, (top + edge / 2) / size, edge / size, edge / size))
    return image, labels


def write(folder: Path, many: int = 8, task: str = "detect") -> Path:
    """Write a data set for a task of ultralytics and return what names it: a YAML file, or the folder for classification."""
    for part, first in (("train", 0), ("val", 1000)):
        for number in range(first, first + many):
            image, labels = drawn(number)
            if task == "classify":
                place = folder / part / NAMES[number % 2]
                place.mkdir(parents=True, exist_ok=True)
                image.save(place / f"{number}.png")
                continue
            for kind in ("images", "labels"):
                (folder / kind / part).mkdir(parents=True, exist_ok=True)
            image.save(folder / "images" / part / f"{number}.jpg", quality=92)
            lines = [" ".join(map(str, (label[0], *_points(task, *label[1:])))) for label in labels]
            (folder / "labels" / part / f"{number}.txt").write_text("\n".join(lines) + "\n")
    if task == "classify":
        return folder
    more = "kpt_shape: [4, 3]\nflip_idx: [1, 0, 3, 2]\n" if task == "pose" else ""
    (folder / "data.yaml").write_text(YAML.format(folder=folder) + more)
    return folder / "data.yaml"


def _points(task: str, x: float, y: float, w: float, h: float) -> list[float]:
    corners = [x - w / 2, y - h / 2, x + w / 2, y - h / 2, x + w / 2, y + h / 2, x - w / 2, y + h / 2]
    if task == "pose":
        return [x, y, w, h, *(value for n in range(0, 8, 2) for value in (*corners[n : n + 2], 2))]
    return corners if task in ("segment", "obb") else [x, y, w, h]
