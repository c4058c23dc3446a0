"""Where models and data lie, and the few things that all areas need."""

import os
import random
import tempfile
from pathlib import Path

MODELS = Path(os.environ.get("LOOM_MODELS", "/srv/loom/models"))
DATA = Path(os.environ.get("LOOM_DATA", "/srv/loom/data"))
RUNS = Path(os.environ.get("LOOM_RUNS", "/srv/loom/runs"))


def scratch(name: str) -> Path:
    """A new folder of a job."""
    return Path(tempfile.mkdtemp(prefix=f"loom-{name}-"))


def still() -> None:
    """The same numbers each time."""
    import numpy
    import torch

    random.seed(7)
    numpy.random.seed(7)
    torch.manual_seed(7)


def chat():
    """The small model that chats, and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(MODELS / "chat"), AutoTokenizer.from_pretrained(MODELS / "chat")


def notes(tokenizer=None, length: int = 24):
    """The notes as a data set, tokens beside the text if there is a tokenizer."""
    from datasets import load_dataset

    found = load_dataset("json", data_files=str(DATA / "notes.jsonl"), split="train")
    if tokenizer is None:
        return found

    def pieces(row):
        made = tokenizer(row["text"], truncation=True, max_length=length, padding="max_length")
        return {**made, "labels": made["input_ids"]}

    return found.map(pieces, remove_columns=found.column_names)
