"""Whisper by transformers; `decoding` names how it generates."""

from functools import cache

import numpy as np
import torch
from transformers import AutoModelForSpeechSeq2Seq, AutoProcessor

from speech.settings import settings

WAYS = {
    "greedy": {}, "beam": {"num_beams": 3}, "sample": {"do_sample": True, "top_k": 5, "top_p": 0.9, "temperature": 0.7}, "fallback": {"temperature": (0.0, 0.4), "compression_ratio_threshold": 1.3, "logprob_threshold": -1.0, "no_speech_threshold": 0.6, "return_timestamps": True},
    "words": {"return_timestamps": True, "return_token_timestamps": True}, "static": {"cache_implementation": "static"}, "offloaded": {"cache_implementation": "quantized"},
}  # fmt: skip


@cache
def loaded():
    folder = settings.models / "whisper"
    model = AutoModelForSpeechSeq2Seq.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval()
    if settings.compiled:
        model.forward = torch.compile(model.forward, backend="aot_eager")
    return AutoProcessor.from_pretrained(folder), model


def transcribe(samples: np.ndarray, decoding: str = "greedy", task: str = "transcribe", language: str = "en") -> str:
    processor, model = loaded()
    features = processor(samples, sampling_rate=16000, return_tensors="pt").input_features
    torch.manual_seed(0)
    made = model.generate(features, task=task, language=language, max_new_tokens=6, **WAYS[decoding])
    made = made["sequences"] if isinstance(made, dict) else made
    return processor.batch_decode(made, skip_special_tokens=True)[0]
