"""What moves in a video: the same things from picture to picture."""

import tempfile


def run(data: bytes, how: dict):
    from ultralytics import YOLO

    from vision.web import MODELS

    seen: dict[str, set] = {}
    frames = 0
    with tempfile.NamedTemporaryFile(suffix=f".{how.get('as', 'mp4')}") as kept:
        kept.write(data)
        kept.flush()
        model = YOLO(MODELS / "detect.pt")
        for found in model.track(kept.name, stream=True, tracker=f"{how.get('tracker', 'bytetrack')}.yaml", imgsz=96, conf=0.1, device="cpu", verbose=False):
            frames += 1
            if found.boxes.id is not None:
                for number, kind in zip(found.boxes.id.int().tolist(), found.boxes.cls.int().tolist(), strict=True):
                    seen.setdefault(found.names[kind], set()).add(number)
    return {"frames": frames, "seen": {name: len(numbers) for name, numbers in sorted(seen.items())}}
