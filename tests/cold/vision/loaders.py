"""A loader's processes by each way of starting them, with pictures that workers open; samplers, pinned memory, a worker that dies."""

import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import torch
import torchvision
from torch.utils.data import DataLoader, IterableDataset, WeightedRandomSampler, default_collate, get_worker_info
from torchvision.transforms import v2

from vision import shapes


class Numbers(IterableDataset):
    def __iter__(self):
        worker = get_worker_info()
        return iter(range(worker.id, 8, worker.num_workers))


class Fails(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, number):
        if number == 3:
            raise KeyError("tea")
        if number == 2 and os.environ.get("DIE"):
            os._exit(3)
        return torch.ones(1)


def attempt(name, action):
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, str(error).strip().splitlines()[-1].partition("(pid")[0][:100], flush=True)


if __name__ == "__main__":
    folder = shapes.write(Path("/tmp/l"), 8, "classify") / "train"
    change = v2.Compose([v2.Resize((32, 32)), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    data = torchvision.datasets.ImageFolder(folder, change)
    for way in ("fork", "spawn", "forkserver"):
        attempt(
            way,
            lambda: [
                tuple(pictures.shape) for pictures, _ in DataLoader(data, batch_size=4, num_workers=2, multiprocessing_context=way, persistent_workers=True)
            ],
        )
        attempt(
            f"{way} streams",
            lambda: sorted(int(number) for batch in DataLoader(Numbers(), batch_size=2, num_workers=2, multiprocessing_context=way) for number in batch),
        )
    attempt("weighted", lambda: len(list(DataLoader(data, sampler=WeightedRandomSampler([1.0] * 8, 6), batch_size=3))))
    attempt("mixed", lambda: next(iter(DataLoader(data, 4, collate_fn=lambda batch: v2.CutMix(num_classes=2)(*default_collate(batch)))))[1].shape)
    attempt("fails", lambda: list(DataLoader(Fails(), 1, num_workers=1)))
    os.environ["DIE"] = "1"
    try:
        print("lives", len(list(DataLoader(Fails(), 1, num_workers=1))))
    except (RuntimeError, OSError):
        print("dies", flush=True)
    torch.multiprocessing.set_sharing_strategy("file_system")
    attempt("files", lambda: len(list(DataLoader(data, batch_size=4, num_workers=2, multiprocessing_context="spawn"))))
    attempt("data parallel", lambda: tuple(torch.nn.DataParallel(torch.nn.Linear(2, 2))(torch.ones(1, 2)).shape))
    torch.multiprocessing.spawn(print, args=("spawned",), nprocs=1)
    sys.stdout.flush()
    os._exit(0)
