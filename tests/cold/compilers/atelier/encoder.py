"""Sentences to vectors."""

import torch
from transformers import BertConfig, BertModel

SMALL = {"vocab_size": 128, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def model(**more):
    torch.manual_seed(1)
    return BertModel(BertConfig(**SMALL, **more), add_pooling_layer=False).eval()


def _encode(encoder, text):
    ids = torch.tensor([[ord(char) % 128 for char in text]])
    with torch.inference_mode():
        return {"vector": [round(number, 3) for number in encoder(ids).last_hidden_state.mean(1)[0, :4].tolist()]}


def encode(text="hello"):
    return _encode(model(), text)


def encode_fast(text="hello"):
    encoder, plain = model(), encode(text)
    encoder.encoder.layer[0].compile(dynamic=False)
    return {"same": _encode(encoder, text) == plain}


def encode_flex(text="hello, you there"):
    from transformers import LlamaConfig, LlamaModel

    torch.manual_seed(1)
    small = LlamaConfig(vocab_size=128, hidden_size=64, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, intermediate_size=64)
    other = LlamaModel._from_config(small, attn_implementation="flex_attention").eval()
    return {"numbers": len(_encode(other, text)["vector"])}
