"""Parameters in files, by ending."""

import io
import json
import lzma
import pickle
import shutil
import subprocess
from pathlib import Path

import numpy as np


def save(path: Path, tree) -> Path:
    return globals()[f"save_{path.suffix[1:]}"](path, tree) or path


def read(path: Path, like):
    return globals()[f"read_{path.suffix[1:]}"](path, like)


def save_orbax(path, tree):
    import orbax.checkpoint as ocp

    shutil.rmtree(path, ignore_errors=True)
    with ocp.StandardCheckpointer() as keeper:
        keeper.save(path, tree)


def read_orbax(path, like):
    import orbax.checkpoint as ocp

    with ocp.StandardCheckpointer() as keeper:
        return keeper.restore(path, like)


def save_zarr(path, tree):
    import orbax.checkpoint as ocp

    shutil.rmtree(path, ignore_errors=True)
    ocp.Checkpointer(ocp.PyTreeCheckpointHandler(use_ocdbt=False, use_zarr3=True)).save(path, tree)


def read_zarr(path, like):
    import orbax.checkpoint as ocp

    return ocp.Checkpointer(ocp.PyTreeCheckpointHandler(use_ocdbt=False, use_zarr3=True)).restore(path, item=like)


def save_msgpack(path, tree):
    from flax import serialization

    path.write_bytes(serialization.to_bytes(tree))


def read_msgpack(path, like):
    from flax import serialization

    return serialization.from_bytes(like, path.read_bytes())


def save_safetensors(path, tree):
    from flax.traverse_util import flatten_dict
    from safetensors.flax import save_file

    save_file(flatten_dict(tree, sep="."), path)


def read_safetensors(path, like):
    from flax.traverse_util import unflatten_dict
    from safetensors.flax import load_file

    return unflatten_dict(load_file(path), sep=".")


def save_eqx(path, tree):
    import equinox

    equinox.tree_serialise_leaves(path, tree)


def read_eqx(path, like):
    import equinox

    return equinox.tree_deserialise_leaves(path, like)


def save_pickle(path, tree):
    path.write_bytes(pickle.dumps(tree))


def read_pickle(path, like):
    return pickle.loads(path.read_bytes())  # noqa: S301 — its own


def save_xz(path, tree):
    path.write_bytes(lzma.compress(pickle.dumps(tree)))


def read_xz(path, like):
    return pickle.loads(lzma.decompress(path.read_bytes()))  # noqa: S301 — its own


def save_zst(path, tree):
    subprocess.run(["zstd", "-q", "-f", "-o", str(path)], input=pickle.dumps(tree), check=True)


def read_zst(path, like):
    return pickle.loads(subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True).stdout)  # noqa: S301 — its own


def describe(name: str, body: bytes) -> str:
    """Say in one line what an uploaded file holds."""
    kind = name.rpartition(".")[2]
    if kind == "npz":
        return str({key: value.shape for key, value in np.load(io.BytesIO(body)).items()})
    if kind == "npy":
        return str(np.load(io.BytesIO(body)).dtype)
    if kind == "pickle":
        return str(type(pickle.loads(body)))  # noqa: S301 — its own
    if kind == "json":
        return str(sorted(json.loads(body)))
    if kind == "csv":
        return str(np.loadtxt(io.StringIO(body.decode("utf-8-sig")), delimiter=",").shape)
    return subprocess.run(["file", "-b", "-"], input=body, capture_output=True, check=True).stdout.decode().strip()
