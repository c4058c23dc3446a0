"""How texts are gone on with."""

from loom.places import chat, still


def answer(model, tokenizer, prompt: str, new: int, how: str, **more) -> str:
    ways = {
        "greedy": {"do_sample": False},
        "sample": {"do_sample": True, "top_k": 20, "top_p": 0.9, "temperature": 0.8},
        "beams": {"num_beams": 3, "early_stopping": True},
        "contrastive": {"do_sample": False, "repetition_penalty": 1.2, "no_repeat_ngram_size": 2},
        "assisted": {"do_sample": False, "prompt_lookup_num_tokens": 3},
    }
    batch = tokenizer(prompt, return_tensors="pt")
    out = model.generate(**batch, max_new_tokens=new, **ways[how], **more)
    return tokenizer.decode(out[0][batch["input_ids"].shape[1] :], skip_special_tokens=True)


def ways():
    """Each option of generate, by its name."""
    import transformers

    model, tokenizer = chat()
    batch = tokenizer(["There is tea", "Two cups"], return_tensors="pt", padding=True)
    options = {
        "minp": {"do_sample": True, "min_p": 0.1}, "typical": {"do_sample": True, "typical_p": 0.9}, "epsilon": {"do_sample": True, "epsilon_cutoff": 0.0003},
        "eta": {"do_sample": True, "eta_cutoff": 0.0003}, "suppressed": {"suppress_tokens": [5, 6]}, "forced": {"forced_eos_token_id": 2}, "bad": {"bad_words_ids": [[7]]},
        "several": {"num_beams": 4, "num_return_sequences": 2}, "biased": {"sequence_bias": [[[9], 5.0]]}, "guided": {"guidance_scale": 1.5}, "stopped": {"stop_strings": [" tea"], "tokenizer": tokenizer},
        "static": {"cache_implementation": "static", "disable_compile": True}, "offloaded": {"cache_implementation": "offloaded"}, "quantised": {"cache_implementation": "quantized"}, "scores": {"output_scores": True, "return_dict_in_generate": True, "output_attentions": True},
        "watermark": {"watermarking_config": transformers.WatermarkingConfig(bias=2.0)}, "time": {"max_time": 5.0}, "diverse": {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 0.5},
        "constrained": {"num_beams": 2, "force_words_ids": [[9]]}, "custom": {"custom_generate": "nobody/nothing"}, "dola": {"dola_layers": "low"},
    }  # fmt: skip
    said = {}
    for name, given in options.items():
        still()
        try:
            out = model.generate(**batch, max_new_tokens=4, **given)
            said[name] = sorted(out.keys()) if hasattr(out, "keys") else list(out.shape)
        except Exception as error:
            said[name] = f"{type(error).__name__}: {str(error)[:70]}"
    return said


def continuous():
    """Many prompts at once; a processor of logits and a stop of our own; a draft model."""
    from transformers import LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList, TextStreamer

    model, tokenizer = chat()

    class Odd(LogitsProcessor):
        def __call__(self, ids, scores):
            scores[:, ::2] = -1e9
            return scores

    class Soon(StoppingCriteria):
        def __call__(self, ids, scores, **_):
            return ids.new_full((ids.shape[0],), ids.shape[1] > 6).bool()

    batch = tokenizer("There is tea", return_tensors="pt")
    out = model.generate(
        **batch,
        max_new_tokens=20,
        logits_processor=LogitsProcessorList([Odd()]),
        stopping_criteria=StoppingCriteriaList([Soon()]),
        streamer=TextStreamer(tokenizer),
    )
    still()
    draft, _ = chat()
    helped = model.generate(**batch, max_new_tokens=5, assistant_model=draft, do_sample=False)
    return {"odd": all(int(t) % 2 for t in out[0][batch["input_ids"].shape[1] :]), "helped": helped.shape[1]}
