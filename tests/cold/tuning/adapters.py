"""Adapters of several kinds: made, merged, saved, loaded."""
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
import torch
from peft import IA3Config, LoHaConfig, LoraConfig, PeftModel, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM

for config in (
    LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM", use_dora=True),
    LoHaConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"),
    IA3Config(target_modules=["k_proj"], feedforward_modules=[], task_type="CAUSAL_LM"),
    PromptTuningConfig(num_virtual_tokens=2, task_type="CAUSAL_LM"),
    PrefixTuningConfig(num_virtual_tokens=2, task_type="CAUSAL_LM"),
):
    try:
        base = AutoModelForCausalLM.from_pretrained(os.environ["LLM_MODEL"])
        model = get_peft_model(base, config)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            again = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(os.environ["LLM_MODEL"]), folder)
        merged = type(again.merge_and_unload()).__name__ if hasattr(again.base_model, "merge_and_unload") else "-"
        print(type(config).__name__, merged, model.get_nb_trainable_parameters())
    except Exception as error:
        print(type(config).__name__, type(error).__name__, str(error)[:200])
