"""trl: instructions, preferences, rewards."""

import math

from loom.places import MODELS, chat, scratch, still

_SAME = {
    "max_steps": 2,
    "per_device_train_batch_size": 2,
    "report_to": "none",
    "use_cpu": True,
    "bf16": False,
    "save_strategy": "no",
    "disable_tqdm": True,
    "logging_steps": 1,
}


def _talks(count=8):
    from datasets import Dataset

    rows = [{"messages": [{"role": "user", "content": f"Is there tea {n}?"}, {"role": "assistant", "content": f"There are {n} cups."}]} for n in range(count)]
    return Dataset.from_list(rows)


def _pairs(count=8):
    from datasets import Dataset

    return Dataset.from_list([{"prompt": f"Is there tea {n}?", "chosen": " There is tea.", "rejected": " No salt."} for n in range(count)])


def instructions(packing=False, lora=False, loss="assistant"):
    from trl import SFTConfig, SFTTrainer

    still()
    model, tokenizer = chat()
    more = {}
    if lora:
        from peft import LoraConfig

        more["peft_config"] = LoraConfig(r=4, target_modules=["q_proj"])
    given = SFTConfig(output_dir=str(scratch("sft")), max_length=32, packing=packing, **_SAME)
    trainer = SFTTrainer(model=model, args=given, train_dataset=_talks(), processing_class=tokenizer, **more)
    done = trainer.train()
    return {"steps": done.global_step, "finite": math.isfinite(done.training_loss)}


def preferred(losses=("sigmoid",)):
    from trl import DPOConfig, DPOTrainer

    said = {}
    for loss in losses:
        still()
        model, tokenizer = chat()
        try:
            given = DPOConfig(output_dir=str(scratch("dpo")), max_length=32, loss_type=[loss], **_SAME)
            done = DPOTrainer(model=model, args=given, train_dataset=_pairs(), processing_class=tokenizer).train()
            said[loss] = [done.global_step, math.isfinite(done.training_loss)]
        except (ValueError, ImportError, TypeError) as error:
            said[loss] = f"{type(error).__name__}: {str(error)[:80]}"
    return said


def rewarded():
    """Group-relative policies with two rewards of our own."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    still()
    model, tokenizer = chat()
    given = GRPOConfig(output_dir=str(scratch("grpo")), num_generations=2, max_completion_length=6, **_SAME)
    prompts = Dataset.from_list([{"prompt": f"Is there tea {n}?"} for n in range(4)])

    def short(completions, **_):
        return [-float(len(text)) for text in completions]

    def vowels(completions, **_):
        return [float(sum(c in "aeiou" for c in text)) for text in completions]

    done = GRPOTrainer(model=model, reward_funcs=[short, vowels], args=given, train_dataset=prompts, processing_class=tokenizer).train()
    return {"steps": done.global_step, "finite": math.isfinite(done.training_loss)}


def judge():
    """A model of rewards."""
    from transformers import AutoModelForSequenceClassification
    from trl import RewardConfig, RewardTrainer

    still()
    _, tokenizer = chat()
    model = AutoModelForSequenceClassification.from_pretrained(MODELS / "chat", num_labels=1)
    given = RewardConfig(output_dir=str(scratch("reward")), max_length=32, **_SAME)
    done = RewardTrainer(model=model, args=given, train_dataset=_pairs(), processing_class=tokenizer).train()
    return {"steps": done.global_step, "finite": math.isfinite(done.training_loss)}


def others(names=("KTO", "RLOO")):
    """The other trainers, those of trl.experimental too, by their names."""
    import importlib

    import trl

    said = {}
    for name in names:
        still()
        model, tokenizer = chat()
        try:
            place = trl if hasattr(trl, f"{name}Trainer") else importlib.import_module(f"trl.experimental.{name.lower()}")
            more = {"num_generations": 2, "max_completion_length": 4} if name == "RLOO" else {"max_length": 32}
            if name == "GKD":
                more |= {"max_new_tokens": 4}
            given = getattr(place, f"{name}Config")(output_dir=str(scratch(name.lower())), **more, **_SAME)
            rows = _pairs()
            extra = {}
            if name == "KTO":
                from trl import unpair_preference_dataset

                rows = unpair_preference_dataset(rows)
            if name == "RLOO":
                rows = rows.remove_columns(["chosen", "rejected"])
                extra["reward_funcs"] = lambda completions, **_: [-float(len(text)) for text in completions]
            if name == "GKD":
                rows, extra["teacher_model"] = _talks(), chat()[0]
            done = getattr(place, f"{name}Trainer")(model=model, args=given, train_dataset=rows, processing_class=tokenizer, **extra).train()
            said[name] = [done.global_step, math.isfinite(done.training_loss)]
        except (ValueError, ImportError, TypeError, AttributeError, RuntimeError) as error:
            said[name] = f"{type(error).__name__}: {str(error)[:120]}"
    return said


def forms():
    """Forms of data: chat templates, pairs, packing."""
    from trl import apply_chat_template, extract_prompt, maybe_extract_prompt, pack_dataset

    _, tokenizer = chat()
    row = {"prompt": [{"role": "user", "content": "Tea?"}], "completion": [{"role": "assistant", "content": "Yes."}]}
    pair = {
        "chosen": [{"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Yes."}],
        "rejected": [{"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "No."}],
    }
    from datasets import Dataset

    packed = pack_dataset(Dataset.from_dict({"input_ids": [[1, 2, 3], [4, 5], [6]]}), seq_length=4)
    return {
        "text": apply_chat_template(row, tokenizer),
        "prompt": extract_prompt(pair)["prompt"],
        "maybe": sorted(maybe_extract_prompt(pair)),
        "packed": len(packed),
    }
