"""Models beyond the profile: other engines, ways of generating, forms of keeping, quantisation, adapters."""
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ |= {"TRANSFORMERS_VERBOSITY": "error", "MPLCONFIGDIR": "/tmp/mpl"}
import numpy as np
import torch
import transformers
from transformers import AutoConfig, AutoModel, AutoProcessor, pipeline
from transformers.utils import logging

logging.disable_progress_bar()


def attempt(name, action):
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90])


torch.manual_seed(0)
tone = np.sin(np.arange(16000) / 5).astype("float32")
for engine in ("transformers", "faster", "pipeline"):
    module = __import__(f"speech.engines.{engine}", fromlist=["transcribe"])
    for way in ("greedy", "beam", "sample", "fallback", "words", "static", "offloaded", "voices", "batched"):
        attempt(f"{engine} {way}", lambda: type(module.transcribe(tone, way)).__name__)
SMALL = {"vocab_size": 64, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
for kind in ("bert", "roberta", "gpt2", "llama", "t5", "qwen2", "gemma3_text", "mamba", "bart", "electra", "mpnet", "xlm-roberta", "deberta-v2", "rwkv", "granite", "smollm3"):
    attempt(kind, lambda: type(AutoModel.from_config(AutoConfig.for_model(kind, **SMALL, n_embd=16, n_layer=1, n_head=2, d_model=16, num_layers=1, num_heads=2, d_ff=16, d_kv=8, num_key_value_heads=2, pad_token_id=0))).__name__)
for kind, sizes in (("wav2vec2", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}), ("hubert", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}), ("wavlm", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2})):
    attempt(kind, lambda: AutoModel.from_config(AutoConfig.for_model(kind, **sizes)).eval()(torch.zeros(1, 4000))[0].shape)
for kind in ("deit", "dinov2", "beit", "swin", "convnext", "siglip_vision_model", "segformer", "detr", "yolos"):
    attempt(kind, lambda: type(AutoConfig.for_model(kind)).__name__)
for task, folder in (("image-classification", "vit"), ("zero-shot-image-classification", "clip"), ("automatic-speech-recognition", "whisper"), ("image-feature-extraction", "vit"), ("text-generation", "whisper"), ("object-detection", "vit"), ("nonsense", "vit"), ("audio-classification", "whisper"), ("depth-estimation", "vit"), ("text-to-audio", "whisper"), ("video-classification", "vit")):
    attempt(task, lambda: type(pipeline(task, model=f"/models/{folder}")).__name__)
attempt("hub", lambda: AutoModel.from_pretrained("openai/whisper-tiny"))
attempt("no folder", lambda: AutoModel.from_pretrained("/nothing"))
model = transformers.ViTForImageClassification.from_pretrained("/models/vit").eval()
picture = torch.zeros(1, 3, 32, 32)
for kind in ("eager", "sdpa", "flash_attention_2", "flex_attention", "paged|sdpa"):
    attempt(kind, lambda: transformers.ViTModel.from_pretrained("/models/vit", attn_implementation=kind)(picture)[0].shape)


def kept():
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder, max_shard_size="20KB")
        again = transformers.ViTForImageClassification.from_pretrained(folder, device_map="cpu", dtype="auto")
        torch.save(model.state_dict(), f"{folder}/a.pt")
        return sorted(name.split("-")[0] for name in os.listdir(folder))[-1], len(torch.load(f"{folder}/a.pt", mmap=True)), again.dtype


attempt("kept", kept)


def gguf():
    import gguf as library

    writer = library.GGUFWriter("/tmp/a.gguf", "llama")
    writer.add_block_count(1)
    writer.add_tensor("a.weight", np.ones((32, 32), "float32"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return [item.name for item in library.GGUFReader("/tmp/a.gguf").tensors], library.quants.quantize(np.ones((2, 64), "float32"), library.GGMLQuantizationType.Q8_0).shape, __import__("transformers.modeling_gguf_pytorch_utils", fromlist=["a"]).load_gguf_checkpoint is not None


attempt("gguf", gguf)


def adapter():
    import peft

    small = transformers.AutoModelForCausalLM.from_config(AutoConfig.for_model("llama", **SMALL, num_key_value_heads=2))
    names = []
    for config in (peft.LoraConfig(r=2, target_modules=["q_proj"]), peft.IA3Config(target_modules=["q_proj"], feedforward_modules=[]), peft.LoHaConfig(r=2, target_modules=["q_proj"]), peft.VeraConfig(r=2, target_modules=["q_proj"])):
        made = peft.get_peft_model(small, config)
        names.append(type(made.base_model).__name__)
        small = made.unload()
    return names, peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2).peft_type.value


attempt("adapter", adapter)


def trained():
    arguments = transformers.TrainingArguments("/tmp/t", max_steps=1, per_device_train_batch_size=2, use_cpu=True, report_to=[], logging_strategy="no", save_strategy="no", disable_tqdm=True, optim="adafactor", lr_scheduler_type="cosine")
    data = [{"pixel_values": torch.zeros(3, 32, 32), "labels": n % 3} for n in range(4)]
    trainer = transformers.Trainer(transformers.ViTForImageClassification.from_pretrained("/models/vit"), arguments, train_dataset=data)
    trainer.remove_callback(transformers.PrinterCallback)  # it prints times
    return trainer.train().global_step


attempt("trained", trained)
attempt("compiled", lambda: torch.compile(model, backend="aot_eager")(picture).logits.shape)
attempt("eager back end", lambda: torch.compile(torch.nn.Linear(2, 2), backend="eager")(torch.ones(1, 2)).shape)
attempt("inductor", lambda: torch.compile(torch.nn.Linear(2, 2))(torch.ones(1, 2)).shape)
attempt("back ends", lambda: torch.compiler.list_backends())
attempt("exported", lambda: len(torch.export.export(model, (picture,)).graph_module.code) > 100)
attempt("export kept", lambda: (torch.export.save(torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),)), "/tmp/a.pt2"), torch.export.load("/tmp/a.pt2").module()(torch.ones(1, 2)).shape)[1])
attempt("fx", lambda: len(torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())).code) > 10)
attempt("traced", lambda: (torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)).save("/tmp/a.ts"), torch.jit.load("/tmp/a.ts")(torch.ones(1, 2)).shape)[1])
attempt("frozen", lambda: torch.jit.freeze(torch.jit.script(torch.nn.Linear(2, 2).eval()))(torch.ones(1, 2)).shape)
attempt("onnx", lambda: torch.onnx.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),), "/tmp/a.onnx"))
attempt("old onnx", lambda: torch.onnx.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),), "/tmp/a.onnx", dynamo=False))
attempt("pruned", lambda: __import__("torch.nn.utils.prune", fromlist=["a"]).l1_unstructured(torch.nn.Linear(4, 4), "weight", 0.5).weight.shape)
attempt("normed", lambda: torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 2))(torch.ones(1, 2)).shape)
attempt("dynamic", lambda: torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 4)), {torch.nn.Linear})(torch.ones(1, 4)).shape)


def static():
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    small = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()).eval()
    ready = prepare_fx(small, get_default_qconfig_mapping("x86"), (picture,))
    ready(picture)
    return convert_fx(ready)(picture).shape


attempt("static", static)
with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
    attempt("math attention", lambda: torch.nn.functional.scaled_dot_product_attention(*(torch.ones(1, 1, 2, 4),) * 3).shape)
attempt("flex", lambda: __import__("torch.nn.attention.flex_attention", fromlist=["a"]).flex_attention(*(torch.ones(1, 1, 16, 16),) * 3).shape)
attempt("nested", lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged).size(0))
attempt("einops", lambda: __import__("einops").rearrange(torch.ones(2, 6), "a (b c) -> a b c", b=2).shape)
attempt("einops layer", lambda: __import__("einops.layers.torch", fromlist=["a"]).Rearrange("a b -> b a")(torch.ones(2, 3)).shape)
attempt("distributions", lambda: torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2)).sample().shape)
attempt("masked", lambda: torch.masked.masked_tensor(torch.ones(2), torch.tensor([True, False])).shape)
attempt("board", lambda: __import__("torch.utils.tensorboard"))
attempt("bottleneck", lambda: __import__("torch.utils.benchmark", fromlist=["a"]).Timer("x + 1", globals={"x": torch.ones(2)}).timeit(3).number_per_run)
attempt("extension", lambda: __import__("torch.utils.cpp_extension", fromlist=["a"]).load_inline("tea", "int f() { return 3; }", functions=["f"]).f())


def profiled():
    with torch.profiler.profile(record_shapes=True) as record:
        model(picture)
    record.export_chrome_trace("/tmp/trace.json")
    return os.path.getsize("/tmp/trace.json") > 100


attempt("profiler", profiled)
attempt("processor", lambda: type(AutoProcessor.from_pretrained("/models/clip")).__name__)
attempt("tokenizers", lambda: [type(transformers.AutoTokenizer.from_pretrained(f"/models/{name}")).__name__ for name in ("whisper", "clip")])
attempt("agents", lambda: [hasattr(transformers, name) for name in ("TextStreamer", "BitsAndBytesConfig", "GPTQConfig", "HqqConfig", "TorchAoConfig", "AwqConfig", "StoppingCriteria", "Seq2SeqTrainer", "DataCollatorForSeq2Seq", "HfArgumentParser")])
attempt("audio utils", lambda: transformers.audio_utils.mel_filter_bank(20, 10, 0, 4000, 8000).shape)
attempt("image transforms", lambda: transformers.image_transforms.center_crop(np.zeros((3, 9, 9)), (4, 4)).shape)
attempt("accelerate", lambda: type(__import__("accelerate").Accelerator(cpu=True).prepare(torch.nn.Linear(2, 2))).__name__)
attempt("empty", lambda: __import__("accelerate").init_empty_weights is not None)
os._exit(0)
