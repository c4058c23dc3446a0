"""Processes: a data loader's, a pool's; models across them, torch's own sharing."""
import multiprocessing
import os
import sys

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, WeightedRandomSampler, random_split


class Tones(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, number):
        import librosa

        return torch.from_numpy(librosa.feature.rms(y=np.full(2048, number, "float32")))


def heard(number):
    from speech.engines import faster

    return type(faster.transcribe(np.zeros(16000, "float32"))).__name__


if __name__ == "__main__":
    os.environ.setdefault("NUMBA_CACHE_DIR", "/tmp/numba")
    for kind in sys.argv[1:]:
        loader = DataLoader(Tones(), batch_size=2, num_workers=2, multiprocessing_context=kind, persistent_workers=True)
        print(kind, sum(float(batch.sum()) > 0 for batch in loader))
        with multiprocessing.get_context(kind).Pool(1) as pool:
            print(kind, pool.map(heard, range(2)))
        del loader
    print([len(part) for part in random_split(Tones(), [5, 3])], len(list(WeightedRandomSampler([1, 2], 3))), IterableDataset.__name__)
    queue = torch.multiprocessing.get_context("spawn").SimpleQueue()
    queue.put(torch.ones(3))
    print(queue.get().sum())
    import concurrent.futures

    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(pool.submit(heard, 1).result())
    import joblib

    print(joblib.Parallel(2)(joblib.delayed(abs)(-n) for n in range(3)))
