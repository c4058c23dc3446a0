"""Parameter-efficient tuning, with each method that peft knows."""

from loom.places import chat, scratch, still

_KINDS = {
    "lora": ("LoraConfig", {"r": 4, "target_modules": ["q_proj", "v_proj"]}),
    "dora": ("LoraConfig", {"r": 4, "target_modules": ["q_proj"], "use_dora": True}),
    "rslora": ("LoraConfig", {"r": 4, "target_modules": "all-linear", "use_rslora": True, "init_lora_weights": "gaussian"}),
    "pissa": ("LoraConfig", {"r": 4, "target_modules": ["q_proj"], "init_lora_weights": "pissa"}),
    "olora": ("LoraConfig", {"r": 4, "target_modules": ["q_proj"], "init_lora_weights": "olora"}),
    "adalora": ("AdaLoraConfig", {"init_r": 6, "target_r": 4, "tinit": 1, "tfinal": 1, "total_step": 10, "target_modules": ["q_proj"]}),
    "loha": ("LoHaConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "lokr": ("LoKrConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "ia3": ("IA3Config", {"target_modules": ["k_proj", "down_proj"], "feedforward_modules": ["down_proj"]}),
    "oft": ("OFTConfig", {"oft_block_size": 4, "target_modules": ["q_proj"]}),
    "boft": ("BOFTConfig", {"boft_block_size": 4, "target_modules": ["q_proj"]}),
    "hra": ("HRAConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "vera": ("VeraConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "fourier": ("FourierFTConfig", {"n_frequency": 20, "target_modules": ["q_proj"]}),
    "vblora": ("VBLoRAConfig", {"r": 2, "num_vectors": 16, "vector_length": 8, "target_modules": ["q_proj"]}),
    "miss": ("MissConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "layernorm": ("LNTuningConfig", {"target_modules": ["input_layernorm"]}),
    "prompt": ("PromptTuningConfig", {"num_virtual_tokens": 4}),
    "ptuning": ("PromptEncoderConfig", {"num_virtual_tokens": 4, "encoder_hidden_size": 16}),
    "prefix": ("PrefixTuningConfig", {"num_virtual_tokens": 4}),
    "shira": ("ShiraConfig", {"r": 2, "target_modules": ["q_proj"]}),
    "c3a": ("C3AConfig", {"block_size": 16, "target_modules": ["q_proj"]}),
    "trainable": ("TrainableTokensConfig", {"token_indices": [7, 8], "target_modules": ["embed_tokens"]}),
    "randlora": ("RandLoraConfig", {"r": 4, "target_modules": ["q_proj"]}),
    "waveft": ("WaveFTConfig", {"n_frequency": 20, "target_modules": ["q_proj"]}),
}


def _made(kind: str):
    import peft

    model, tokenizer = chat()
    name, values = _KINDS[kind]
    return peft.get_peft_model(model, getattr(peft, name)(task_type="CAUSAL_LM", **values)), tokenizer


def kinds(names=("lora",)):
    """A step with each kind, saved and loaded again."""
    import torch
    from peft import AutoPeftModelForCausalLM

    said = {}
    for name in names:
        try:
            still()
            model, tokenizer = _made(name)
            batch = tokenizer("There is tea in the kitchen", return_tensors="pt")
            by = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
            model(**batch, labels=batch["input_ids"]).loss.backward()
            by.step()
            folder = scratch(name)
            model.save_pretrained(folder)
            again = AutoPeftModelForCausalLM.from_pretrained(folder)
            said[name] = [
                type(model.active_peft_config).__name__,
                sum(p.numel() for p in model.parameters() if p.requires_grad),
                type(again.base_model).__name__,
            ]
        except (ImportError, ValueError, RuntimeError, AttributeError, TypeError, KeyError) as error:
            said[name] = f"{type(error).__name__}: {str(error)[:100]}"
    return said


def merged(how="linear"):
    """Two adapters, made one, and folded into the weights."""
    import peft
    import torch

    still()
    model, tokenizer = chat()
    given = peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM", init_lora_weights=False)
    model = peft.get_peft_model(model, given, adapter_name="one")
    model.add_adapter("two", given)
    more = {"density": 0.5} if how in ("ties", "dare_linear", "dare_ties", "magnitude_prune", "ties_svd") else {}
    model.add_weighted_adapter(["one", "two"], [0.7, 0.3], "both", combination_type=how, **more)
    model.set_adapter("both")
    folder = scratch("merged")
    model.merge_and_unload().save_pretrained(folder, max_shard_size="100KB")
    batch = tokenizer("tea", return_tensors="pt")
    with torch.no_grad():
        finite = bool(torch.isfinite(model(**batch).logits).all())
    return {"finite": finite, "shards": len(list(folder.glob("model-*.safetensors"))) > 1, "index": (folder / "model.safetensors.index.json").exists()}


def told(name="lora"):
    """What peft says of a model; hotswapping; a wrong adapter."""
    import contextlib
    import io

    import peft

    model, _ = _made(name)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        model.print_trainable_parameters()
    folder = scratch("told")
    model.save_pretrained(folder)
    (folder / "adapter_config.json").write_text('{"peft_type": "NOTHING"}')
    try:
        peft.PeftConfig.from_pretrained(folder)
        wrong = "none"
    except (ValueError, KeyError) as error:
        wrong = type(error).__name__
    return {"said": said.getvalue().strip(), "status": model.get_model_status().peft_types, "wrong": wrong}
