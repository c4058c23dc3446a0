"""Images in docker's classic store: directories of overlay2, headers in tar-split records."""

import base64
import gzip
import io
import json
import tarfile
from pathlib import Path

from tests.support.images import config_of, digest


def _tar_split(data: bytes, diff: Path) -> bytes:
    """Unpack a layer into `diff` and return its record, as docker's library writes it."""
    lines: list[dict[str, object]] = []

    def segment(start: int, end: int) -> None:
        if end > start:
            lines.append({"type": 2, "payload": base64.b64encode(data[start:end]).decode()})

    at = 0
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            segment(at, member.offset_data)
            if member.isdir():
                (diff / member.name).mkdir(parents=True, exist_ok=True)
            else:
                (diff / member.name).parent.mkdir(parents=True, exist_ok=True)
                (diff / member.name).write_bytes(
                    data[member.offset_data : member.offset_data + member.size]
                )
            lines.append({"type": 1, "name": member.name, "size": member.size, "payload": "AAA="})
            at = member.offset_data + member.size
    segment(at, len(data))
    return gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def overlay(root: Path, layers: tuple[bytes, ...]) -> str:
    """Write an image into a classic store below `root` and return its id."""
    config = config_of(layers)
    images = root / "image" / "overlay2" / "imagedb" / "content" / "sha256"
    images.mkdir(parents=True)
    image_id = digest(config)
    (images / image_id.partition(":")[2]).write_bytes(config)
    chain = ""
    for number, data in enumerate(layers):
        chain = digest(f"{chain} {digest(data)}".encode()) if chain else digest(data)
        record = record_of(root, chain)
        diff = root / "overlay2" / f"cache{number}" / "diff"
        diff.mkdir(parents=True)
        record.mkdir(parents=True)
        (record / "cache-id").write_text(f"cache{number}\n")
        (record / "size").write_text(f"{len(data)}\n")
        (record / "tar-split.json.gz").write_bytes(_tar_split(data, diff))
    return image_id


def record_of(root: Path, chain: str) -> Path:
    return root / "image" / "overlay2" / "layerdb" / "sha256" / chain.partition(":")[2]
