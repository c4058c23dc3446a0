"""Training by deepspeed, its settings in a file."""

import argparse
import json
import os
import sys

from loom.places import chat, still


def main() -> None:
    import deepspeed
    import torch

    parser = argparse.ArgumentParser()
    parser.add_argument("--local_rank", type=int, default=0)
    parser.add_argument("--stage", type=int, default=1)
    parser = deepspeed.add_config_arguments(parser)
    given = parser.parse_args()
    still()
    for key, value in {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29511"}.items():
        os.environ.setdefault(key, value)
    model, tokenizer = chat()
    settings = {
        "train_micro_batch_size_per_gpu": 1, "zero_optimization": {"stage": given.stage}, "optimizer": {"type": "AdamW", "params": {"lr": 1e-4, "torch_adam": True}},
        "zero_allow_untested_optimizer": True, "scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 2}}, "bf16": {"enabled": True},
    }  # fmt: skip
    engine, _, _, _ = deepspeed.initialize(model=model, model_parameters=model.parameters(), config=settings)
    batch = tokenizer("There is tea in the kitchen", return_tensors="pt")
    for _ in range(2):
        loss = engine(**batch, labels=batch["input_ids"]).loss
        engine.backward(loss)
        engine.step()
    engine.save_checkpoint("/tmp/deep")
    if engine.global_rank == 0:
        print(
            json.dumps({"finite": bool(torch.isfinite(loss)), "stage": engine.zero_optimization_stage(), "files": os.path.exists("/tmp/deep/zero_to_fp32.py")}),
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
