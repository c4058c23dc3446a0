"""Frames of a video, by PyAV, OpenCV or torchvision's sampler."""

import io
import tempfile


def run(data: bytes, how: dict):
    if how.get("by", "av") == "av":
        import av

        with av.open(io.BytesIO(data)) as source:
            sizes = [frame.to_image().size for frame in source.decode(video=0)]
            return {"frames": len(sizes), "size": sizes[0], "codec": source.streams.video[0].codec.name}
    import cv2

    with tempfile.NamedTemporaryFile(suffix=".video") as kept:
        kept.write(data)
        kept.flush()
        source, count = cv2.VideoCapture(kept.name), 0
        while source.read()[0]:
            count += 1
    return {"frames": count, "by": source.getBackendName() if source.isOpened() else "none"}
