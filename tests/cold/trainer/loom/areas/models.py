"""Architectures of transformers, by the names that its Auto classes know."""

from loom.places import still

_SMALL = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 99, "max_position_embeddings": 64,
    "d_model": 32, "n_embd": 32, "n_layer": 2, "n_head": 4, "num_layers": 2, "num_heads": 4, "d_ff": 48, "d_kv": 8, "n_positions": 64, "n_ctx": 64, "head_dim": 8,
    "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48, "embedding_size": 32,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1, "word_embed_proj_dim": 32, "ffn_dim": 48, "rotary_dim": 4, "moe_intermediate_size": 16,
    "num_local_experts": 2, "num_experts": 2, "num_experts_per_tok": 1, "state_size": 8, "time_step_rank": 4, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48,
}  # fmt: skip


def causal(names=("gpt2",)):
    """Models that go on with a text."""
    return {name: _one(name, "AutoModelForCausalLM") for name in names}


def other(kind="AutoModelForMaskedLM", names=("bert",)):
    return {name: _one(name, kind) for name in names}


def _one(name: str, kind: str):
    import torch
    import transformers

    still()
    try:
        shape = transformers.AutoConfig.for_model(name)
        for key, value in _SMALL.items():
            if hasattr(shape, key):
                try:
                    setattr(shape, key, value)
                except (AttributeError, NotImplementedError, ValueError):
                    continue
        if getattr(shape, "layer_types", None):
            shape.layer_types = shape.layer_types[:2]
        model = getattr(transformers, kind).from_config(shape).eval()
        ids = torch.tensor([[5, 6, 7, 8]])
        more = {"decoder_input_ids": ids} if getattr(shape, "is_encoder_decoder", False) else {}
        with torch.no_grad():
            out = model(input_ids=ids, **more)
        return [type(model).__name__, bool(torch.isfinite(out[0]).all())]
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"


def seen(names=("vit", "clip", "resnet", "detr", "swin", "dinov2", "segformer", "convnext")):
    """Models for pictures."""
    import torch
    import transformers

    said = {}
    for name in names:
        still()
        try:
            shape = transformers.AutoConfig.for_model(name)
            for key, value in {
                "hidden_size": 32,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "intermediate_size": 32,
                "image_size": 32,
                "patch_size": 8,
            }.items():
                if hasattr(shape, key):
                    setattr(shape, key, value)
            model = transformers.AutoModel.from_config(shape).eval()
            with torch.no_grad():
                out = model(pixel_values=torch.rand(1, 3, 32, 32))
            said[name] = [type(model).__name__, bool(torch.isfinite(out[0]).all())]
        except Exception as error:
            said[name] = f"{type(error).__name__}: {str(error)[:80]}"
    return said


def heard():
    """Models for sounds, and what takes the sounds apart."""
    import numpy
    import torch
    import transformers

    still()
    said = {}
    sound = numpy.sin(numpy.arange(16000) / 20).astype("float32")
    for kind in ("Wav2Vec2FeatureExtractor", "WhisperFeatureExtractor", "ASTFeatureExtractor", "ClapFeatureExtractor", "SpeechT5FeatureExtractor"):
        try:
            made = getattr(transformers, kind)()(sound, sampling_rate=48000 if kind.startswith("Clap") else 16000, return_tensors="pt")
            said[kind] = sorted(made.keys())
        except Exception as error:
            said[kind] = type(error).__name__
    shape = transformers.WhisperConfig(
        vocab_size=99,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_source_positions=50,
        pad_token_id=0,
    )
    with torch.no_grad():
        said["whisper"] = list(transformers.WhisperModel(shape)(torch.rand(1, 80, 100), decoder_input_ids=torch.tensor([[1]]))[0].shape)
    return said


def loaded():
    """How weights are loaded: types, attention, a device map, states of an older form, a wrong shape."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

    from loom.places import MODELS, scratch

    said = {}
    for how in (
        {"dtype": torch.bfloat16},
        {"dtype": "auto"},
        {"attn_implementation": "eager"},
        {"attn_implementation": "flex_attention"},
        {"attn_implementation": "flash_attention_2"},
        {"device_map": "cpu"},
        {"device_map": "auto"},
        {"load_in_8bit": True},
    ):
        try:
            said[str(next(iter(how.items())))] = str(AutoModelForCausalLM.from_pretrained(MODELS / "chat", **how).dtype)
        except Exception as error:
            said[str(next(iter(how.items())))] = type(error).__name__
    model = AutoModel.from_pretrained(MODELS / "chat")
    folder = scratch("loaded")
    AutoConfig.from_pretrained(MODELS / "chat").save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    for what in (folder, "/nowhere", "nobody/nothing", MODELS / "pieces"):
        try:
            said[str(what).split("/")[-1][:7]] = type(AutoModel.from_pretrained(what)).__name__
        except Exception as error:
            said[str(what).split("/")[-1][:7]] = type(error).__name__
    return {key.replace(folder.name[:7], "old"): value for key, value in said.items()}


def own_code():
    """A model whose code lies beside its weights."""
    from transformers import AutoConfig, AutoModel

    from loom.places import scratch

    folder = scratch("own")
    (folder / "shape.py").write_text(
        "from transformers import PretrainedConfig\n\n\nclass Shape(PretrainedConfig):\n    model_type = 'cups'\n\n    def __init__(self, size=4, **more):\n        self.size = size\n        super().__init__(**more)\n"
    )
    (folder / "cups.py").write_text(
        "import torch\nfrom transformers import PreTrainedModel\n\nfrom .shape import Shape\n\n\nclass Cups(PreTrainedModel):\n    config_class = Shape\n\n    def __init__(self, config):\n        super().__init__(config)\n        self.one = torch.nn.Linear(config.size, config.size)\n        self.post_init()\n\n    def forward(self, x):\n        return self.one(x)\n"
    )
    (folder / "config.json").write_text('{"model_type": "cups", "auto_map": {"AutoConfig": "shape.Shape", "AutoModel": "cups.Cups"}}')
    shape = AutoConfig.from_pretrained(folder, trust_remote_code=True)
    return [type(AutoModel.from_config(shape, trust_remote_code=True)).__name__, shape.size]


def pipelines(
    names=(
        "text-classification",
        "fill-mask",
        "feature-extraction",
        "text-generation",
        "zero-shot-classification",
        "token-classification",
        "question-answering",
    ),
):
    """Pipelines by their tasks."""
    from transformers import AutoModelForMaskedLM, AutoModelForQuestionAnswering, AutoModelForTokenClassification, AutoTokenizer, pipeline

    from loom.places import MODELS

    said = {}
    encoder = AutoTokenizer.from_pretrained(MODELS / "encoder")
    makers = {"fill-mask": AutoModelForMaskedLM, "token-classification": AutoModelForTokenClassification, "question-answering": AutoModelForQuestionAnswering}
    for name in names:
        still()
        try:
            if name == "text-generation":
                made = pipeline(name, model=str(MODELS / "chat"))
                said[name] = type(made("There is", max_new_tokens=3)[0]).__name__
                continue
            model = makers[name].from_pretrained(MODELS / "encoder") if name in makers else str(MODELS / "encoder")
            made = pipeline(name, model=model, tokenizer=encoder)
            given = {"fill-mask": ("there is [MASK]",), "zero-shot-classification": ("tea", ["a", "b"])}.get(name, ("there is tea",))
            said[name] = type(made(question="tea", context="there is tea") if name == "question-answering" else made(*given)).__name__
        except Exception as error:
            said[name] = f"{type(error).__name__}: {str(error)[:80]}"
    return said
