"""Exports of models and counts: python -m words.export KIND."""

import json
import shutil
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

MODELS = Path("/srv/words/models")


def source() -> list[str]:
    import tl2cgen
    import treelite

    with tempfile.TemporaryDirectory() as folder:
        tl2cgen.generate_c_code(treelite.Model.deserialize(str(MODELS / "forest.tl")), dirpath=folder, params={})
        return sorted(path.name for path in Path(folder).iterdir())


def package() -> list[str]:
    import tl2cgen
    import treelite

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "all.zip"
        tl2cgen.export_srcpkg(treelite.Model.deserialize(str(MODELS / "forest.tl")), toolchain="gcc", pkgpath=place, libname="all.so")
        shutil.unpack_archive(place, folder)
        return sorted(path.name for path in Path(folder).rglob("*.*"))


def rocks() -> dict:
    from rocksdict import AccessType, Options, Rdict

    with tempfile.TemporaryDirectory() as folder:
        kept = Rdict(folder, Options(raw_mode=False))
        kept["tea"] = {"cups": 2}
        kept.flush()
        kept.close()
        return Rdict(folder, access_type=AccessType.read_only())["tea"]


def simd() -> list:
    import cysimdjson

    parser = cysimdjson.JSONParser()  # owns what it has parsed
    return parser.parse(b'{"a": [1, 2, {"b": "tea"}]}').export()["a"]


def card() -> list[str]:
    from skops import card as cards
    from skops import io

    model = MODELS / "forest.skops"
    made = cards.Card(model=model, trusted=io.get_untrusted_types(file=model))
    return made.render().splitlines()[:3]


def more() -> list:
    return sorted(f"{found.name}: {found.load()('tea')}" for found in entry_points(group="words.more"))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](), default=str))
