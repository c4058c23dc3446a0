"""Data sets, read and written in each form."""

import json

from loom.places import DATA, notes, scratch


def forms(names=("json", "csv", "parquet", "text", "arrow", "imagefolder")):
    """Each builder by its name."""
    from datasets import load_dataset

    files = {"json": "notes.jsonl", "csv": "notes.csv", "parquet": "notes.parquet", "text": "notes.txt", "arrow": "notes.arrow"}
    said = {}
    for name in names:
        try:
            if name == "imagefolder":
                found = load_dataset(name, data_dir=str(DATA / "pictures"), split="train")
                said[name] = [len(found), found.features["label"].names, found[0]["image"].size]
            elif name == "webdataset":
                found = load_dataset(name, data_files=_shards(), split="train")
                said[name] = [len(found), sorted(found.column_names)]
            elif name == "xml":
                place = scratch("xml") / "a.xml"
                place.write_text("<a><b>tea</b></a>")
                said[name] = load_dataset(name, data_files=str(place), split="train")[0]
            elif name == "sql":
                import sqlite3

                place = scratch("sql") / "a.db"
                with sqlite3.connect(place) as made:
                    made.execute("create table t (a int, b text)")
                    made.execute("insert into t values (1, 'tea')")
                from datasets import Dataset

                said[name] = Dataset.from_sql("select * from t", f"sqlite:///{place}")[0]
            elif name == "generator":
                from datasets import Dataset, IterableDataset

                said[name] = [len(Dataset.from_generator(lambda: iter([{"a": 1}]))), next(iter(IterableDataset.from_generator(lambda: iter([{"a": 2}]))))]
            elif name == "pandas":
                import pandas

                place = scratch("pandas") / "a.pkl"
                pandas.DataFrame({"a": [1, 2]}).to_pickle(place)
                said[name] = len(load_dataset(name, data_files=str(place), split="train"))
            else:
                found = load_dataset(name, data_files=str(DATA / files[name]), split="train")
                said[name] = [len(found), found.column_names]
        except Exception as error:
            said[name] = f"{type(error).__name__}: {type(error.__cause__).__name__}"
    return said


def _shards() -> str:
    import webdataset

    place = scratch("shards") / "a.tar"
    with webdataset.TarWriter(str(place)) as sink:
        for number in range(3):
            sink.write({"__key__": f"{number:03}", "txt": f"cup {number}", "json": {"n": number}, "png": (DATA / "pictures/dark/0.png").read_bytes()})
    return str(place)


def shards():
    """The same shards, by webdataset's own pipeline."""
    import webdataset

    rows = webdataset.WebDataset(_shards(), shardshuffle=False).decode("pil").to_tuple("txt", "json", "png").batched(2)
    return [[list(batch[0]), [item["n"] for item in batch[1]], batch[2][0].size] for batch in rows]


def written():
    """Every form that a data set can be written in, and its other formats."""
    from datasets import load_from_disk

    rows, place = notes(), scratch("written")
    rows.to_csv(place / "a.csv")
    rows.to_json(place / "a.json")
    rows.to_parquet(place / "a.parquet")
    rows.save_to_disk(place / "disk", num_shards=2)
    again = load_from_disk(place / "disk")
    kinds = {}
    for kind in ("numpy", "torch", "pandas", "arrow", "polars", "jax", "tensorflow"):
        try:
            kinds[kind] = type(again.with_format(kind)[:2]).__name__
        except (ValueError, ImportError) as error:
            kinds[kind] = type(error).__name__
    return {"files": sorted(path.name for path in place.iterdir()), "rows": len(again), "kinds": kinds}


def shaped(processes=2):
    """Maps in several processes, filters, splits, shuffles, joins, streams."""
    from datasets import ClassLabel, concatenate_datasets, interleave_datasets, load_dataset

    rows = notes().cast_column("label", ClassLabel(names=["even", "odd"]))
    mapped = rows.map(_length, num_proc=processes)
    parts = mapped.train_test_split(0.25, seed=7, stratify_by_column="label")
    both = concatenate_datasets([parts["train"], parts["test"]]).sort("id")
    stream = load_dataset("parquet", data_files=str(DATA / "notes.parquet"), split="train", streaming=True).shuffle(seed=7, buffer_size=8).take(3)
    mixed = interleave_datasets([parts["train"], parts["test"]], probabilities=[0.5, 0.5], seed=7)
    return {"parts": [len(parts["train"]), len(parts["test"])], "first": both[0], "stream": [row["id"] for row in stream], "mixed": len(mixed) > 10}


def _length(row):
    return {"length": len(row["text"])}


def broken(form="json"):
    from datasets import load_dataset

    place = scratch("broken") / f"a.{form}"
    place.write_bytes(b'{"a": 1}\n{"a": \xff}\n{' if form in ("json", "csv") else b"PAR1 nothing PAR1")
    return len(load_dataset({"webdataset": "webdataset"}.get(form, form), data_files=str(place), split="train"))


def packed(form="gz"):
    """Files in archives and compressions, found by their first bytes."""
    import bz2
    import gzip
    import lzma
    import zipfile

    from datasets import load_dataset

    place, text = scratch("packed") / f"notes.jsonl.{form}", (DATA / "notes.jsonl").read_bytes()
    if form == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("notes.jsonl", text)
    else:
        place.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[form].compress(text))
    return len(load_dataset("json", data_files=str(place), split="train"))


def pictures():
    """Pictures and a processor of transformers for them."""
    from datasets import load_dataset
    from transformers import CLIPImageProcessor, ViTImageProcessor

    rows = load_dataset("imagefolder", data_dir=str(DATA / "pictures"), split="train")
    said = {}
    for kind in (ViTImageProcessor, CLIPImageProcessor):
        said[kind.__name__] = list(kind()(rows[0]["image"], return_tensors="pt")["pixel_values"].shape)
    return said


def features():
    """Types of columns; fingerprints, the folder of caches."""
    import datasets
    from datasets import Array2D, Dataset, Features, Sequence, Value

    made = Features({"a": Sequence(Value("int64")), "b": Array2D((2, 2), "float32"), "c": Value("timestamp[s]"), "d": {"e": Value("string")}})
    rows = Dataset.from_dict({"a": [[1, 2]], "b": [[[1.0, 2.0], [3.0, 4.0]]], "c": [0], "d": [{"e": "tea"}]}, features=made)
    datasets.disable_caching()
    again = rows.map(lambda row: {"n": len(row["a"])})
    datasets.enable_caching()
    return json.loads(json.dumps({"row": again[0], "flat": sorted(rows.flatten().column_names)}, default=str))
