"""Weights of fewer bits."""

from loom.places import MODELS, chat, scratch, still


def ao(
    names=(
        "Int8WeightOnlyConfig",
        "Int8DynamicActivationInt8WeightConfig",
        "Int4WeightOnlyConfig",
        "Float8WeightOnlyConfig",
        "IntxWeightOnlyConfig",
        "Int8DynamicActivationIntxWeightConfig",
    ),
):
    """torchao, each configuration by its name."""
    import torch
    import torchao.quantization as quantization

    said = {}
    for name in names:
        still()
        model, tokenizer = chat()
        try:
            quantization.quantize_(model, getattr(quantization, name)())
            with torch.no_grad():
                out = model(**tokenizer("There is tea", return_tensors="pt")).logits
            said[name] = [type(model.model.layers[0].mlp.up_proj.weight).__name__, bool(torch.isfinite(out).all())]
        except Exception as error:
            said[name] = f"{type(error).__name__}: {str(error)[:80]}"
    return said


def aware():
    """torchao: training that knows of it, optimisers of few bits, sparsity."""
    import torch
    from torchao.quantization import Int8DynamicActivationIntxWeightConfig, quantize_
    from torchao.quantization.qat import QATConfig

    still()
    said = {}
    layer = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Linear(64, 64))
    try:
        base = Int8DynamicActivationIntxWeightConfig(weight_dtype=torch.int4)
        quantize_(layer, QATConfig(base, step="prepare"))
        layer(torch.rand(2, 64)).sum().backward()
        said["prepared"] = type(layer[0]).__name__
        quantize_(layer, QATConfig(base, step="convert"))
        said["converted"] = list(layer(torch.rand(2, 64)).shape)
    except Exception as error:
        said["aware"] = f"{type(error).__name__}: {str(error)[:80]}"
    for name in ("AdamW8bit", "AdamW4bit", "AdamWFp8"):
        try:
            import torchao.optim

            plain = torch.nn.Linear(64, 64)
            by = getattr(torchao.optim, name)(plain.parameters(), lr=1e-3)
            plain(torch.rand(2, 64)).sum().backward()
            by.step()
            said[name] = "ok"
        except Exception as error:
            said[name] = type(error).__name__
    return said


def quanto(weights="qint8"):
    from optimum.quanto import Calibration, QuantizedModelForCausalLM, freeze, qint8, quantize

    import optimum.quanto
    import torch

    still()
    model, tokenizer = chat()
    batch = tokenizer("There is tea", return_tensors="pt")
    try:
        quantize(model, weights=getattr(optimum.quanto, weights), activations=qint8)
        with Calibration(), torch.no_grad():
            model(**batch)
        freeze(model)
        with torch.no_grad():
            finite = bool(torch.isfinite(model(**batch).logits).all())
        place = scratch("quanto")
        QuantizedModelForCausalLM.quantize(chat()[0], weights=qint8).save_pretrained(str(place))
        return {
            "finite": finite,
            "kind": type(model.model.layers[0].mlp.up_proj).__name__,
            "class": QuantizedModelForCausalLM.__name__,
            "saved": sorted(path.name for path in place.iterdir()),
        }
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:100]}"


def bits(kind="int8"):
    """bitsandbytes on a processor."""
    import bitsandbytes
    import torch
    from bitsandbytes import functional

    still()
    if kind == "load":
        from transformers import AutoModelForCausalLM, BitsAndBytesConfig

        model = AutoModelForCausalLM.from_pretrained(MODELS / "chat", quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4"))
        return type(model.model.layers[0].mlp.up_proj).__name__
    given = torch.rand(64, 64)
    if kind == "int8":
        made, scales, _ = functional.int8_vectorwise_quant(given.half()) if hasattr(functional, "int8_vectorwise_quant") else (given, given, None)
        return {"type": str(made.dtype), "scales": list(scales.shape)}
    made, state = functional.quantize_4bit(given, quant_type=kind)
    again = functional.dequantize_4bit(made, state)
    layer = bitsandbytes.nn.Linear4bit(64, 32, quant_type=kind, compute_dtype=torch.float32).to("cpu")
    by = bitsandbytes.optim.AdamW8bit if hasattr(bitsandbytes.optim, "AdamW8bit") else None
    return {"near": bool((again - given).abs().max() < 0.2), "out": list(layer(torch.rand(2, 64)).shape), "by": bool(by)}


def by_torch():
    """torch's own: dynamic, static by graphs, in eager; pruned."""
    import torch
    from torch.nn.utils import parametrizations, prune

    still()
    said = {}
    model = torch.nn.Sequential(torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))
    for engine in torch.backends.quantized.supported_engines:
        if engine == "none":
            continue
        torch.backends.quantized.engine = engine
        made = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
        said[engine] = list(made(torch.rand(2, 16)).shape)
    torch.backends.quantized.engine = "x86"
    ready = torch.nn.Sequential(torch.ao.quantization.QuantStub(), model, torch.ao.quantization.DeQuantStub()).eval()
    ready.qconfig = torch.ao.quantization.get_default_qconfig("x86")
    made = torch.ao.quantization.prepare(ready)
    made(torch.rand(4, 16))
    said["static"] = list(torch.ao.quantization.convert(made)(torch.rand(2, 16)).shape)
    prune.l1_unstructured(model[0], "weight", 0.5)
    said["pruned"] = round((model[0].weight == 0).float().mean().item(), 2)
    said["parametrised"] = list(parametrizations.orthogonal(torch.nn.Linear(4, 4)).weight.shape)
    return said


def by_transformers(kind="torchao"):
    """transformers' own way to each library."""
    import transformers

    given = {
        "torchao": lambda: transformers.TorchAoConfig(__import__("torchao.quantization", fromlist=["x"]).Int8WeightOnlyConfig()),
        "quanto": lambda: transformers.QuantoConfig(weights="int8"),
        "gptq": lambda: transformers.GPTQConfig(bits=4),
        "awq": lambda: transformers.AwqConfig(),
        "hqq": lambda: transformers.HqqConfig(),
        "eetq": lambda: transformers.EetqConfig(),
        "fp8": lambda: transformers.FineGrainedFP8Config(),
        "spqr": lambda: transformers.SpQRConfig(),
        "vptq": lambda: transformers.VptqConfig(),
    }
    model = transformers.AutoModelForCausalLM.from_pretrained(MODELS / "chat", quantization_config=given[kind]())
    return type(model.model.layers[0].mlp.up_proj.weight).__name__
