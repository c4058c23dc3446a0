"""The Trainer of transformers, and training by hand."""

import math

from loom.places import DATA, chat, notes, scratch, still


def _trainer(values: dict, callbacks=None, **more):
    from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments

    still()
    model, tokenizer = chat()
    rows = notes(tokenizer)
    given = {
        "output_dir": str(scratch("run")), "max_steps": 3, "per_device_train_batch_size": 4, "report_to": "none", "use_cpu": True, "logging_steps": 1,
        "save_strategy": "no", "disable_tqdm": True, **values,
    }  # fmt: skip
    return Trainer(
        model=model,
        args=TrainingArguments(**given),
        train_dataset=rows,
        eval_dataset=rows.select(range(8)),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        callbacks=callbacks,
        **more,
    )


def run(**values):
    """One short run; the names of what was logged."""
    trainer = _trainer(values)
    done = trainer.train()
    return {"steps": done.global_step, "finite": math.isfinite(done.training_loss), "logged": sorted({key for row in trainer.state.log_history for key in row})}


def optimisers(names=("adamw_torch",)):
    """A step with each optimiser that the arguments know by name; what it is, or why not."""
    said = {}
    for name in names:
        try:
            trainer = _trainer({"optim": name, "max_steps": 1})
            trainer.train()
            said[name] = type(trainer.optimizer.optimizer).__name__
        except (ImportError, ValueError, RuntimeError, AttributeError) as error:
            said[name] = f"{type(error).__name__}: {str(error)[:80]}"
    return said


def schedules(names=("linear",)):
    said = {}
    for name in names:
        more = {"lr_scheduler_kwargs": {"min_lr": 1e-6}} if "min_lr" in name else {}
        if name == "warmup_stable_decay":
            more = {"lr_scheduler_kwargs": {"num_decay_steps": 2}}
        try:
            trainer = _trainer({"lr_scheduler_type": name, "max_steps": 3, "warmup_steps": 1, "eval_strategy": "steps", "eval_steps": 1, **more})
            trainer.train()
            said[name] = [round(row["learning_rate"] * 1e5, 2) for row in trainer.state.log_history if "learning_rate" in row]
        except (ValueError, TypeError) as error:
            said[name] = f"{type(error).__name__}: {str(error)[:80]}"
    return said


def resumed():
    """A run that stops early, another that goes on from its checkpoint; the best is loaded at the end."""
    from transformers import EarlyStoppingCallback
    from transformers.trainer_utils import get_last_checkpoint

    folder = str(scratch("resume"))
    same = {"output_dir": folder, "save_strategy": "steps", "save_steps": 2, "save_total_limit": 2, "eval_strategy": "steps", "eval_steps": 2}
    same |= {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
    first = _trainer({**same, "max_steps": 4}, callbacks=[EarlyStoppingCallback(1)])
    first.train()
    last = get_last_checkpoint(folder)
    second = _trainer({**same, "max_steps": 6})
    done = second.train(resume_from_checkpoint=last)
    from pathlib import Path

    return {"last": Path(last).name, "steps": done.global_step, "files": sorted(path.name for path in Path(last).iterdir())}


def boards():
    """A run that reports to tensorboard; the events that it left."""
    from pathlib import Path

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = scratch("board")
    _trainer({"report_to": "tensorboard", "output_dir": str(folder), "max_steps": 2}).train()
    events = next(iter(Path(folder).rglob("events.out.*")))
    read = EventAccumulator(str(events.parent)).Reload()
    return sorted(read.Tags()["scalars"])


def workers(workers=1, method="fork"):
    """Batches by processes of their own."""
    import torch

    rows = notes().with_format("torch")
    loader = torch.utils.data.DataLoader(rows, batch_size=8, num_workers=workers, multiprocessing_context=method, persistent_workers=True, prefetch_factor=2)
    return {"sum": int(sum(batch["id"].sum() for batch in loader)), "times": 2, "again": sum(1 for _ in loader)}


def mixed(kind="bf16"):
    """Lower precision, gradient checkpointing, accumulation, averaging of weights."""
    if kind == "ema":
        return _averaged()
    return run(bf16=kind == "bf16", gradient_checkpointing=True, gradient_accumulation_steps=2, max_grad_norm=0.5, label_smoothing_factor=0.1)


def _averaged():
    import torch
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    still()
    model, tokenizer = chat()
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    by = torch.optim.AdamW(model.parameters(), lr=1e-3)
    batch = tokenizer("There is tea in the kitchen", return_tensors="pt")
    for _ in range(3):
        loss = model(**batch, labels=batch["input_ids"]).loss
        loss.backward()
        by.step()
        by.zero_grad()
        mean.update_parameters(model)
    return {"averaged": int(mean.n_averaged), "finite": math.isfinite(loss.item())}


def by_hand(names=("AdamW", "SGD", "Adafactor", "NAdam", "RAdam", "Adamax", "Rprop", "LBFGS", "ASGD", "Adagrad", "Adadelta", "RMSprop", "Muon")):
    """Each optimiser of torch over one small layer, by its name."""
    import torch

    still()
    said = {}
    for name in names:
        layer = torch.nn.Linear(8, 8, bias=False)
        by = getattr(torch.optim, name)(layer.parameters(), lr=0.01)
        given = torch.ones(4, 8)

        def closure(layer=layer, by=by, given=given):
            by.zero_grad()
            loss = (layer(given) - 1).square().mean()
            loss.backward()
            return loss

        first = closure().item()
        for _ in range(3):
            by.step(closure)
        said[name] = closure().item() < first
    return said


def plan(names=("OneCycleLR", "CosineAnnealingWarmRestarts", "CyclicLR", "ReduceLROnPlateau", "SequentialLR", "PolynomialLR")):
    """The schedules of torch."""
    import torch
    from torch.optim import lr_scheduler as s

    made = {
        "OneCycleLR": lambda by: s.OneCycleLR(by, 0.1, total_steps=5),
        "CosineAnnealingWarmRestarts": lambda by: s.CosineAnnealingWarmRestarts(by, 2),
        "CyclicLR": lambda by: s.CyclicLR(by, 0.01, 0.1, step_size_up=2),
        "ReduceLROnPlateau": lambda by: s.ReduceLROnPlateau(by, patience=0),
        "SequentialLR": lambda by: s.SequentialLR(by, [s.ConstantLR(by, 0.5, 1), s.ExponentialLR(by, 0.5)], [2]),
        "PolynomialLR": lambda by: s.PolynomialLR(by, 3),
    }
    said = {}
    for name in names:
        by = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
        plan = made[name](by)
        rates = []
        for _ in range(4):
            by.step()
            plan.step(1.0) if name == "ReduceLROnPlateau" else plan.step()
            rates.append(round(by.param_groups[0]["lr"], 4))
        said[name] = rates
    return said


def masked():
    """Masked words, with the encoder: whole words, and by chance."""
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM, DataCollatorForLanguageModeling, Trainer, TrainingArguments

    from loom.places import MODELS

    still()
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "encoder")
    shape = BertConfig(vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    rows = notes().map(lambda row: tokenizer(row["text"], truncation=True, max_length=24), remove_columns=["id", "text", "label"])
    given = TrainingArguments(str(scratch("masked")), max_steps=2, report_to="none", use_cpu=True, disable_tqdm=True, save_strategy="no")
    done = Trainer(
        model=BertForMaskedLM(shape), args=given, train_dataset=rows, data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.3)
    ).train()
    return {"steps": done.global_step, "finite": math.isfinite(done.training_loss)}


def classified():
    """A classifier with measures of its own, predictions, a model card."""
    import numpy
    from sklearn.metrics import accuracy_score, f1_score
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

    from loom.places import MODELS

    still()
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "encoder")
    model = AutoModelForSequenceClassification.from_pretrained(MODELS / "encoder")
    rows = (
        notes()
        .map(lambda row: tokenizer(row["text"], truncation=True, max_length=24), batched=True, remove_columns=["id", "text"])
        .rename_column("label", "labels")
    )
    folder = scratch("classified")

    def measured(told):
        best = numpy.argmax(told.predictions, axis=-1)
        return {"accuracy": accuracy_score(told.label_ids, best), "f1": f1_score(told.label_ids, best, average="macro")}

    given = TrainingArguments(
        str(folder), max_steps=2, report_to="none", use_cpu=True, disable_tqdm=True, eval_strategy="steps", eval_steps=1, full_determinism=False
    )
    trainer = Trainer(
        model=model,
        args=given,
        train_dataset=rows,
        eval_dataset=rows,
        data_collator=DataCollatorWithPadding(tokenizer),
        processing_class=tokenizer,
        compute_metrics=measured,
    )
    trainer.train()
    found = trainer.predict(rows)
    trainer.create_model_card(model_name="notes", tasks="text-classification")
    return {"measures": sorted(found.metrics)[:4], "card": (folder / "README.md").read_text().splitlines()[0]}


def wrong(what="arguments"):
    """Errors as people meet them."""
    if what == "arguments":
        return run(eval_strategy="steps", load_best_model_at_end=True, save_strategy="epoch")
    if what == "optimiser":
        return run(optim="nothing")
    if what == "resume":
        return _trainer({}).train(resume_from_checkpoint="/nowhere/checkpoint-1")
    if what == "report":
        return run(report_to="comet_ml")
    return run(fp16=True, bf16=True)


def night(out: str, steps: int):
    """Train on, a step at a time; what there is in `out` is taken up, and left again however it ends."""
    from pathlib import Path

    import torch

    still()
    model, tokenizer = chat()
    by = torch.optim.AdamW(model.parameters(), lr=1e-4)
    kept = Path(out) / "last.pt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    begin = 0
    if kept.exists():
        found = torch.load(kept, weights_only=True)
        model.load_state_dict(found["model"])
        by.load_state_dict(found["by"])
        begin = found["step"]
        print("resumed", flush=True)
    batch = tokenizer((DATA / "notes.txt").read_text().splitlines()[:4], return_tensors="pt", padding=True)
    step = begin
    try:
        for step in range(begin + 1, begin + steps + 1):
            loss = model(**batch, labels=batch["input_ids"]).loss
            loss.backward()
            by.step()
            by.zero_grad()
            yield step - begin, loss.item()
    finally:
        torch.save({"model": model.state_dict(), "by": by.state_dict(), "step": step}, kept)
