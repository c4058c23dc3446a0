"""Fine-tune the small chat model on a few sentences: `train.py --steps 4`, and much that a first run does not take."""

import argparse
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

import torch
import yaml
from torch.utils.data import DataLoader, Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

log = logging.getLogger("tuning")
stopping = False
SENTENCES = ["the quick brown fox", "jumps over the lazy dog", "rain and wind today", "where is my invoice"] * 4


class Sentences(Dataset):
    def __init__(self, tokenizer):
        self.rows = tokenizer(SENTENCES, padding="max_length", max_length=12, truncation=True, return_tensors="pt")["input_ids"]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return {"input_ids": self.rows[index], "labels": self.rows[index]}


def stop(*_):
    global stopping
    stopping = True


def optimiser(name, model, rate):
    if name == "adafactor":
        from transformers.optimization import Adafactor

        return Adafactor(model.parameters(), lr=rate, relative_step=False)
    return getattr(torch.optim, name)(model.parameters(), lr=rate)


def wrapped(model):
    from peft import LoraConfig, get_peft_model

    names = sorted({name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)})
    return get_peft_model(model, LoraConfig(r=2, target_modules=names[:2], task_type="CAUSAL_LM"))


def with_trainer(model, data, out, arguments):
    from transformers import Trainer, TrainingArguments

    settings = TrainingArguments(
        output_dir=str(out), max_steps=arguments.steps, per_device_train_batch_size=4, save_steps=2, logging_steps=1, report_to=[], use_cpu=True,
        dataloader_num_workers=arguments.workers, optim=arguments.trainer_optimiser, lr_scheduler_type=arguments.schedule, gradient_checkpointing=arguments.checkpointing,
    )
    trainer = Trainer(model=model, args=settings, train_dataset=data, eval_dataset=data)
    result = trainer.train(resume_from_checkpoint=arguments.resume or None)
    print(json.dumps({"steps": result.global_step, "evaluated": "eval_loss" in trainer.evaluate(), "saved": sorted(path.name for path in out.glob("checkpoint-*"))}))


def by_hand(model, data, out, arguments, settings):
    optimizer = optimiser(arguments.optimiser, model, settings["learning_rate"])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    first = 0
    if arguments.resume:
        saved = torch.load(out / "state.pt", weights_only=True)
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    loader = DataLoader(data, batch_size=settings["batch"], shuffle=True, num_workers=arguments.workers, multiprocessing_context=arguments.method if arguments.workers else None)
    model.train()
    step = first
    while step < first + arguments.steps and not stopping:
        for batch in loader:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=arguments.bf16):
                loss = model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            step += 1
            if arguments.slow:
                time.sleep(0.5)
            if step >= first + arguments.steps or stopping:
                break
    torch.save({"optimizer": optimizer.state_dict(), "step": step}, out / "state.pt")
    model.save_pretrained(out / "model", safe_serialization=not arguments.pickle)
    print(json.dumps({"steps": step, "finite": bool(torch.isfinite(loss)), "stopped": stopping, "files": sorted(path.name for path in (out / "model").iterdir())}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("/tmp/out"))
    parser.add_argument("--config", type=Path, default=Path("tune.yaml"))
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--method", default="spawn")
    parser.add_argument("--optimiser", default="AdamW")
    parser.add_argument("--trainer-optimiser", default="adamw_torch")
    parser.add_argument("--schedule", default="linear")
    for flag in ("resume", "bf16", "pickle", "lora", "trainer", "slow", "checkpointing"):
        parser.add_argument(f"--{flag}", action="store_true")
    arguments = parser.parse_args()
    logging.basicConfig(level=os.environ.get("TUNING_LOG", "WARNING"))
    signal.signal(signal.SIGTERM, stop)
    settings = yaml.safe_load(arguments.config.read_text())
    torch.manual_seed(0)
    arguments.out.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(os.environ["LLM_MODEL"])
    model = AutoModelForCausalLM.from_pretrained(os.environ["LLM_MODEL"])
    if arguments.lora:
        model = wrapped(model)
    data = Sentences(tokenizer)
    if arguments.trainer:
        with_trainer(model, data, arguments.out, arguments)
    else:
        by_hand(model, data, arguments.out, arguments, settings)


if __name__ == "__main__":
    sys.exit(main())
