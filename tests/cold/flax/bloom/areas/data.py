"""Records, and how they are read."""

import tempfile
from pathlib import Path


def grain(workers: str = "0") -> list:
    import grain.python as pygrain

    loader = pygrain.DataLoader(
        data_source=pygrain.RangeDataSource(0, 8, 1),
        sampler=pygrain.IndexSampler(8, shard_options=pygrain.NoSharding(), shuffle=True, seed=1, num_epochs=1),
        operations=[pygrain.Batch(4)],
        worker_count=int(workers),
    )
    return [batch.tolist() for batch in loader]


def mixed() -> list:
    import grain

    one = grain.MapDataset.range(4).map(lambda x: x * 10)
    two = grain.MapDataset.source([1, 2]).repeat(2)
    return list(grain.MapDataset.mix([one, two], weights=[1, 1]).seed(3).shuffle().to_iter_dataset().batch(2, batch_fn=list))


def records() -> list:
    from array_record.python import array_record_module as arm

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "a.array_record")
        writer = arm.ArrayRecordWriter(path, "group_size:1,zstd:3")
        for number in range(3):
            writer.write(f"row {number}".encode())
        writer.close()
        import grain.python as pygrain

        return [item.decode() for item in pygrain.ArrayRecordDataSource([path]).__getitems__([2, 0])]


def tensors(driver: str = "zarr3", store: str = "file") -> list:
    import tensorstore as ts

    with tempfile.TemporaryDirectory() as folder:
        place = {"driver": store, "path": folder + ("/x/" if driver != "json" else "/x")} if store == "file" else {"driver": store}
        array = ts.open({"driver": driver, "kvstore": place}, create=True, dtype=ts.uint8, shape=[2, 3] if driver not in ("n5", "zarr", "zarr3", "neuroglancer_precomputed") else [2, 3]).result()
        array[...] = 7
        return [array.read().result().sum().item(), str(array.dtype.name)]


def track(kind: str = "scalar") -> dict:
    from tensorboardX import SummaryWriter

    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            if kind == "scalar":
                writer.add_scalar("a", 1.0, 0)
            elif kind == "histogram":
                writer.add_histogram("a", [1.0, 2.0, 2.5], 0)
            elif kind == "hparams":
                writer.add_hparams({"a": 1}, {"b": 2.0})
            elif kind == "json":
                writer.add_scalar("a", 1.0, 0)
                writer.export_scalars_to_json(folder + "/all.json")
            else:
                getattr(writer, f"add_{kind}")("a", "b", 0)
        return {"files": sorted({path.name.split(".")[0] for path in Path(folder).rglob("*") if path.is_file()})}
