"""Data sets and settings."""

import os


def sets() -> dict:
    import numpy as np
    from datasets import Dataset, Features, Image, Value, concatenate_datasets, load_dataset

    os.makedirs("/tmp/sets", exist_ok=True)
    data = Dataset.from_dict({"text": ["a", "b", "c", "d"], "n": [1, 2, 3, 4]})
    for name in ("csv", "json", "parquet"):
        getattr(data, f"to_{name}")(f"/tmp/sets/a.{name}")
    open("/tmp/sets/a.txt", "w").write("one\ntwo\n")
    out = {
        name: load_dataset(name, data_files=f"/tmp/sets/a.{name if name != 'text' else 'txt'}", split="train", cache_dir="/tmp/sets/cache").num_rows
        for name in ("csv", "json", "parquet", "text")
    }
    out["map"] = data.map(lambda row: {"m": row["n"] * 2}, num_proc=2)["m"][:]
    out["shuffle"] = data.shuffle(seed=1)["n"][:]
    out["torch"] = str(data.with_format("torch")[0]["n"].dtype)
    out["stream"] = next(iter(data.to_iterable_dataset()))["text"]
    out["joined"] = concatenate_datasets([data, data]).num_rows
    pictures = Dataset.from_dict({"p": [np.zeros((4, 4, 3), dtype="uint8")]}, features=Features({"p": Image()}))
    out["picture"] = pictures[0]["p"].size
    data.save_to_disk("/tmp/sets/disk")
    try:
        load_dataset("nobody/nothing")
    except Exception as error:
        out["hub"] = type(error).__name__
    return out


def settings() -> dict:
    import subprocess
    import sys

    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    with initialize_config_dir("/studio/conf", version_base=None):
        made = compose("config", overrides=["model=large", "+extra=1"])
    code = "import hydra\n@hydra.main(config_path='/studio/conf', config_name='config', version_base=None)\ndef main(c):\n    print(c.model.size)\nmain()\n"
    open("/tmp/h.py", "w").write(code)
    out = {"yaml": OmegaConf.to_yaml(made, resolve=True)}
    for name, words in {
        "run": ["model=large"],
        "many": ["-m", "model=small,large"],
        "help": ["--help"],
        "wrong": ["model=none"],
        "info": ["--info", "plugins"],
        "complete": ["-sc", "install=bash"],
    }.items():
        done = subprocess.run([sys.executable, "/tmp/h.py", *words], capture_output=True, text=True, cwd="/tmp", timeout=60)
        out[name] = [done.returncode, done.stdout.split()[:2] if name in ("run", "many") else len(done.stdout + done.stderr) > 50]
    return out


def pipes() -> dict:
    from torchdata.nodes import Batcher, IterableWrapper, Loader, ParallelMapper

    node = Batcher(ParallelMapper(IterableWrapper(range(8)), lambda number: number * 2, num_workers=2, method="thread"), 4)
    return {"batches": [list(batch) for batch in Loader(node)]}


def tracked() -> dict:
    import mlflow
    import wandb

    out = {}
    with wandb.init(project="tea", mode="offline", dir="/tmp") as run:
        run.log({"a": 1})
    out["wandb"] = run.offline
    mlflow.set_tracking_uri("file:///tmp/mlruns")
    try:
        with mlflow.start_run():
            mlflow.log_metric("a", 1)
        out["mlflow"] = True
    except Exception as error:
        out["mlflow"] = type(error).__name__
    return out
