"""Texts, one token after another."""

import torch


def _model():
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    return LlamaForCausalLM(
        LlamaConfig(vocab_size=64, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, intermediate_size=32, max_position_embeddings=64)
    ).eval()


def write(tokens=4):
    return {"tokens": _model().generate(torch.tensor([[1, 2, 3]]), max_new_tokens=tokens, do_sample=False, pad_token_id=0)[0].tolist()}


def write_fast(tokens=4):
    from transformers import CompileConfig

    everywhere = CompileConfig(fullgraph=False, mode="default")
    everywhere._compile_all_devices = True
    found = _model().generate(
        torch.tensor([[1, 2, 3]]), max_new_tokens=tokens, do_sample=False, pad_token_id=0, cache_implementation="static", compile_config=everywhere
    )
    return {"same": found[0].tolist() == write(tokens)["tokens"]}
