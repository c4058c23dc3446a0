"""Classes of transformers that the service does not use: made small, run, saved and loaded again."""
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
import torch
import transformers

SMALL = {"vocab_size": 64, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "num_key_value_heads": 2, "n_embd": 16, "n_layer": 1, "n_head": 2, "d_model": 16, "num_layers": 1, "num_heads": 2, "d_ff": 16, "d_kv": 8}
torch.manual_seed(0)
for kind in ("bert", "roberta", "gpt2", "llama", "mistral", "qwen2", "qwen3", "gemma2", "phi3", "t5", "mixtral", "distilbert", "deberta-v2", "falcon", "opt", "gpt_neox", "modernbert", "xlm-roberta"):
    try:
        config = transformers.AutoConfig.for_model(kind, **SMALL, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=0)
        model = transformers.AutoModel.from_config(config).eval()
        inputs = {"input_ids": torch.tensor([[3, 4, 5]])}
        if kind == "t5":
            inputs["decoder_input_ids"] = torch.tensor([[0]])
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            again = transformers.AutoModel.from_pretrained(folder).eval()
        print(kind, type(again).__name__, tuple(again(**inputs)[0].shape))
    except Exception as error:
        print(kind, type(error).__name__, str(error)[:200].splitlines()[:1])
for name in ("GPT2TokenizerFast", "LlamaTokenizerFast", "T5TokenizerFast", "WhisperProcessor", "CLIPImageProcessor", "AutoModelForSequenceClassification", "Trainer", "TrainingArguments", "BitsAndBytesConfig", "TextStreamer"):
    try:
        print(name, getattr(transformers, name).__module__)
    except Exception as error:
        print(name, type(error).__name__, str(error)[:200].splitlines()[:1])
config = transformers.AutoConfig.for_model("llama", **SMALL)
model = transformers.AutoModelForCausalLM.from_config(config).eval()
for arguments in ({"num_beams": 2}, {"do_sample": True, "top_p": 0.9}, {"cache_implementation": "static"}, {"penalty_alpha": 0.6, "top_k": 4}, {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 1.0}, {"prompt_lookup_num_tokens": 2}):
    try:
        print(sorted(arguments), tuple(model.generate(torch.tensor([[3, 4, 5]]), max_new_tokens=3, min_new_tokens=3, pad_token_id=0, **arguments).shape))
    except Exception as error:
        print(sorted(arguments), type(error).__name__, str(error)[:200].splitlines()[:1])
