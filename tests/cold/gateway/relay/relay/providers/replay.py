"""Answers that were recorded, from a file of any kind."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any


def _read(path: Path) -> Any:
    match path.suffix:
        case ".yaml":
            import yaml

            return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        case ".toml":
            import tomllib

            return tomllib.loads(path.read_text())
        case ".msgpack":
            import msgspec

            return msgspec.msgpack.decode(path.read_bytes())
        case ".json":
            import ijson

            with path.open("rb") as file:
                return dict(ijson.kvitems(file, ""))
        case ".db":
            import lmdb

            with lmdb.open(str(path), readonly=True, lock=False) as store, store.begin() as reading:
                return {key.decode(): value.decode() for key, value in reading.cursor()}
        case ".jsonl":
            return dict(json.loads(line) for line in path.read_text().splitlines())
    raise ValueError(f"nothing reads {path.name}")


class Replay:
    async def stream(self, prompt: str, **more: Any) -> AsyncIterator[str]:
        yield str(_read(Path(more["file"])).get(prompt, "nothing recorded"))
