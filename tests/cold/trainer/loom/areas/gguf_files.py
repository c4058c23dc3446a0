"""GGUF: written from our models, read, changed in size, run by llama.cpp."""

from loom.places import MODELS, chat, scratch


def convert(out="", kind="F16"):
    """Write the chat model as GGUF, with its vocabulary and template."""
    import gguf
    import numpy

    model, tokenizer = chat()
    shape = model.config
    place = out or str(scratch("gguf") / "model.gguf")
    w = gguf.GGUFWriter(place, "llama")
    w.add_name("chat")
    w.add_context_length(shape.max_position_embeddings)
    w.add_embedding_length(shape.hidden_size)
    w.add_block_count(shape.num_hidden_layers)
    w.add_feed_forward_length(shape.intermediate_size)
    w.add_head_count(shape.num_attention_heads)
    w.add_head_count_kv(shape.num_key_value_heads)
    w.add_layer_norm_rms_eps(shape.rms_norm_eps)
    w.add_rope_dimension_count(shape.hidden_size // shape.num_attention_heads)
    w.add_vocab_size(shape.vocab_size)
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    w.add_token_list([text for text, _ in vocabulary])
    w.add_token_types([gguf.TokenType.CONTROL if text.startswith("<|") else gguf.TokenType.NORMAL for text, _ in vocabulary])
    import json

    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    w.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in merges])
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_pad_token_id(0)
    w.add_chat_template(tokenizer.chat_template)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, shape.num_hidden_layers)
    heads = {"q_proj": shape.num_attention_heads, "k_proj": shape.num_key_value_heads}
    for key, value in model.state_dict().items():
        array = value.float().numpy()
        for part, count in heads.items():
            if f".{part}." in key:
                array = array.reshape(count, 2, array.shape[0] // count // 2, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)
        name = names.get_name(key, try_suffixes=(".weight",))
        if array.ndim == 1:
            w.add_tensor(name, array.astype(numpy.float32))
        elif kind == "F16":
            w.add_tensor(name, array.astype(numpy.float16))
        else:
            q = getattr(gguf.GGMLQuantizationType, kind)
            w.add_tensor(name, gguf.quants.quantize(array, q), raw_dtype=q)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return place


def kinds(names=("F16", "Q8_0", "Q4_0", "Q5_1")):
    """Each type of weights, read again and run."""
    import gguf
    from llama_cpp import Llama

    said = {}
    for name in names:
        place = convert(kind=name)
        read = gguf.GGUFReader(place)
        run = Llama(place, n_ctx=64, n_threads=1, verbose=False)
        said[name] = [
            len(read.tensors),
            read.tensors[0].tensor_type.name,
            run.create_completion("There is", max_tokens=3, temperature=0)["choices"][0]["finish_reason"],
        ]
    return said


def requantised(names=("Q4_K", "Q8_0", "Q2_K", "IQ4_NL")):
    """llama.cpp's own quantisation of a file."""
    import ctypes

    import llama_cpp

    said = {}
    types = {
        "Q4_K": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
        "Q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
        "Q2_K": llama_cpp.LLAMA_FTYPE_MOSTLY_Q2_K,
        "IQ4_NL": llama_cpp.LLAMA_FTYPE_MOSTLY_IQ4_NL,
    }
    for name in names:
        place = scratch("requantised") / "a.gguf"
        given = llama_cpp.llama_model_quantize_default_params()
        given.ftype = types[name]
        given.nthread = 1
        said[name] = [llama_cpp.llama_model_quantize(str(MODELS / "chat.gguf").encode(), str(place).encode(), ctypes.byref(given)), place.stat().st_size > 1000]
    return said


def talks():
    """Chats, grammars, JSON, embeddings, states, streams, low-level calls."""
    from llama_cpp import Llama, LlamaGrammar, LlamaRAMCache, llama_print_system_info
    from llama_cpp.llama_speculative import LlamaPromptLookupDecoding

    run = Llama(str(MODELS / "chat.gguf"), n_ctx=128, n_threads=1, verbose=False, seed=7, logits_all=True)
    said = {"metadata": run.metadata["general.architecture"], "format": run.chat_format}
    out = run.create_chat_completion([{"role": "user", "content": "Tea?"}], max_tokens=4, temperature=0)
    said["chat"] = out["choices"][0]["message"]["role"]
    grammar = LlamaGrammar.from_string('root ::= "tea" | "milk"', verbose=False)
    said["grammar"] = run.create_completion("There is ", grammar=grammar, max_tokens=8)["choices"][0]["text"] in ("tea", "milk")
    made = run.create_chat_completion(
        [{"role": "user", "content": "Tea?"}],
        max_tokens=60,
        response_format={"type": "json_object", "schema": {"type": "object", "properties": {"a": {"enum": ["x"]}}, "required": ["a"]}},
    )
    said["json"] = made["choices"][0]["message"]["content"].strip()[:1]
    said["logprobs"] = len(run.create_completion("There is", max_tokens=2, logprobs=2, temperature=0)["choices"][0]["logprobs"]["tokens"])
    said["stream"] = sum(1 for _ in run.create_completion("There", max_tokens=3, stream=True)) > 0
    run.set_cache(LlamaRAMCache())
    state = run.save_state()
    run.load_state(state)
    said["embedding"] = len(Llama(str(MODELS / "chat.gguf"), embedding=True, verbose=False, n_threads=1, n_ctx=64).embed("tea")[0]) > 0
    said["draft"] = type(LlamaPromptLookupDecoding(num_pred_tokens=2)).__name__
    said["info"] = bool(llama_print_system_info())
    try:
        Llama("/nowhere.gguf", verbose=False)
    except ValueError as error:
        said["error"] = str(error)
    broken = scratch("broken") / "a.gguf"
    broken.write_bytes(b"GGUF\x03\0\0\0nothing")
    try:
        Llama(str(broken), verbose=False)
    except ValueError as error:
        said["broken"] = type(error).__name__
    return said


def formats(names=("chatml", "llama-2", "gemma", "functionary", "mistral-instruct")):
    """Forms of chats by their names."""
    from llama_cpp import Llama

    said = {}
    for name in names:
        try:
            run = Llama(str(MODELS / "chat.gguf"), n_ctx=256, n_threads=1, verbose=False, chat_format=name)
            said[name] = run.create_chat_completion([{"role": "user", "content": "Tea?"}], max_tokens=2, temperature=0)["choices"][0]["finish_reason"]
        except Exception as error:
            said[name] = type(error).__name__
    return said


def by_transformers():
    """transformers reads a GGUF file back."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(str(MODELS), gguf_file="chat.gguf")
    tokenizer = AutoTokenizer.from_pretrained(str(MODELS), gguf_file="chat.gguf")
    return [type(model).__name__, len(tokenizer("There is tea")["input_ids"]), str(model.dtype)]
