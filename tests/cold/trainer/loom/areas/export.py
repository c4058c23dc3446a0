"""Models turned into other forms: ONNX, exported programs, TorchScript, compiled code."""

from loom.places import DATA, MODELS, chat, scratch, still


def _wrapped():
    import torch

    model, tokenizer = chat()
    model.config.use_cache = False

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model.eval()

        def forward(self, input_ids):
            return self.inner(input_ids=input_ids, use_cache=False, return_dict=False)[0]

    return Logits().eval(), tokenizer("There is tea", return_tensors="pt")["input_ids"]


def _encoder():
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(MODELS / "encoder", attn_implementation="eager").eval()
    batch = AutoTokenizer.from_pretrained(MODELS / "encoder")("there is tea", return_tensors="pt")

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model

        def forward(self, input_ids, attention_mask):
            return self.inner(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]

    return Logits().eval(), (batch["input_ids"], batch["attention_mask"])


def onnx(way="dynamo", opset=18):
    """ONNX by either exporter, checked, run, compared."""
    import onnx as form
    import onnxruntime
    import torch

    still()
    model, given = _encoder()
    place = str(scratch("onnx") / "model.onnx")
    names = ["input_ids", "attention_mask"]
    if way == "dynamo":
        torch.onnx.export(model, given, place, dynamo=True, input_names=names, output_names=["logits"], opset_version=opset, verbose=False)
    else:
        torch.onnx.export(
            model, given, place, dynamo=False, input_names=names, output_names=["logits"], dynamic_axes={n: {0: "b", 1: "s"} for n in names}, opset_version=17
        )
    form.checker.check_model(place)
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    out = session.run(None, {name: value.numpy() for name, value in zip(names, given)})[0]
    with torch.no_grad():
        near = bool(torch.allclose(torch.from_numpy(out), model(*given), atol=1e-3))
    return {"near": near, "inputs": [item.name for item in session.get_inputs()], "nodes": len(form.load(place).graph.node) > 20}


def quantised():
    """ONNX made smaller by onnxruntime's tools; its optimiser for transformers; a profile."""
    import onnx as form
    import onnxruntime
    import torch
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    still()
    model, given = _encoder()
    folder = scratch("quantised")
    torch.onnx.export(
        model, given, str(folder / "a.onnx"), dynamo=False, input_names=["input_ids", "attention_mask"], output_names=["logits"], opset_version=17
    )
    quant_pre_process(str(folder / "a.onnx"), str(folder / "b.onnx"))
    quantize_dynamic(str(folder / "b.onnx"), str(folder / "c.onnx"), weight_type=QuantType.QInt8)
    names = ["input_ids", "attention_mask"]

    class Few(CalibrationDataReader):
        def __init__(self):
            self.rows = iter([{name: value.numpy() for name, value in zip(names, given)}] * 2)

        def get_next(self):
            return next(self.rows, None)

    quantize_static(str(folder / "b.onnx"), str(folder / "d.onnx"), Few(), quant_format=QuantFormat.QDQ)
    options = onnxruntime.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "profile")
    shapes = []
    for name in "cd":
        session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
        shapes.append(list(session.run(None, {key: value.numpy() for key, value in zip(names, given)})[0].shape))
        session.end_profiling()
    return {
        "shapes": shapes,
        "operators": sorted({node.op_type for node in form.load(str(folder / "c.onnx")).graph.node} & {"MatMulInteger", "DynamicQuantizeLinear"}),
    }


def fused():
    """onnxruntime's optimiser for transformers."""
    import torch
    from onnxruntime.transformers.optimizer import optimize_model

    model, given = _encoder()
    place = str(scratch("fused") / "a.onnx")
    torch.onnx.export(model, given, place, dynamo=False, input_names=["input_ids", "attention_mask"], output_names=["logits"], opset_version=17)
    made = optimize_model(place, model_type="bert", num_heads=2, hidden_size=32)
    return sorted(key for key, value in made.get_fused_operator_statistics().items() if value)


def scripted_onnx():
    """Functions in onnxscript, turned, optimised, rewritten, and evaluated; onnx's own reference, text form, shapes, versions, composition."""
    import numpy
    import onnx as form
    import onnxscript
    from onnx import compose, parser, reference, shape_inference, version_converter
    from onnxscript import optimizer
    from onnxscript.rewriter import rewrite

    text = '<ir_version: 8, opset_import: ["" : 17]> one (float[2] x) => (float[2] y) { a = Relu(x) b = Identity(a) y = Add(b, b) }'
    made = parser.parse_model(text)
    smaller = rewrite(optimizer.optimize(made))
    newer = version_converter.convert_version(made, 18)
    both = compose.merge_models(made, compose.add_prefix(made, "b_"), [("y", "b_x")])
    out = reference.ReferenceEvaluator(smaller).run(None, {"x": numpy.array([1, -1], "float32")})[0]
    return {
        "out": out.tolist(),
        "nodes": len(smaller.graph.node),
        "opset": newer.opset_import[0].version,
        "both": len(both.graph.node),
        "shapes": len(shape_inference.infer_shapes(made).graph.value_info),
        "text": form.printer.to_text(smaller).count("Add"),
        "named": onnxscript.opset18.version,
    }


def exported():
    """torch.export: shapes that change, saved, loaded, decomposed, unflattened."""
    import torch

    still()
    model, ids = _wrapped()
    made = torch.export.export(model, (ids,), dynamic_shapes=({1: torch.export.Dim("length", min=2, max=64)},), strict=False)
    place = scratch("export") / "a.pt2"
    torch.export.save(made, place)
    again = torch.export.load(place)
    lower = again.run_decompositions()
    out = torch.export.unflatten(again)(ids)
    return {"near": bool(torch.allclose(out, model(ids), atol=1e-4)), "lower": len(lower.graph.nodes) > 20}


def scripted():
    """TorchScript: traced, scripted, frozen, saved, optimised."""
    import torch

    model, given = _encoder()
    place = str(scratch("script") / "a.pt")
    with torch.no_grad():
        traced = torch.jit.freeze(torch.jit.trace(model, given, check_trace=False))
        traced.save(place)
        again = torch.jit.optimize_for_inference(torch.jit.load(place))
        near = bool(torch.allclose(again(*given), model(*given), atol=1e-4))

    @torch.jit.script
    def clipped(x, top: int):
        while bool(x.max() > top):
            x = x / 2
        return x

    return {"near": near, "clipped": clipped(torch.tensor([8.0]), 3).item(), "code": "while" in clipped.code}


def compiled(backend="inductor", mode="default"):
    """torch.compile, by backend."""
    import torch

    still()
    torch._dynamo.reset()
    model, given = _encoder()
    more = {"mode": mode} if backend == "inductor" else {}
    made = torch.compile(model, backend=backend, **more)
    with torch.no_grad():
        return {"near": bool(torch.allclose(made(*given), model(*given), atol=1e-3)), "backends": "inductor" in torch.compiler.list_backends()}


def trained_compiled():
    """A compiled step of training, shapes that change, a break in the graph, what was compiled."""
    import torch

    still()
    torch._dynamo.reset()
    layer = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.GELU(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 1))
    by = torch.optim.AdamW(layer.parameters())

    @torch.compile(dynamic=True)
    def loss(x):
        return torch.nn.functional.softplus(layer(x)).mean()

    for size in (3, 5):
        loss(torch.rand(size, 8)).backward()
        torch.compile(by.step)()
    return {
        "graphs": torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0,
        "explained": torch._dynamo.explain(lambda x: x.sin() + 1)(torch.ones(2)).graph_count,
    }


def packaged():
    """Compiled ahead of time, as one file, and loaded."""
    import torch

    model, ids = _wrapped()
    made = torch.export.export(model, (ids,), strict=False)
    place = torch._inductor.aoti_compile_and_package(made, package_path=str(scratch("aoti") / "a.pt2"))
    return {"near": bool(torch.allclose(torch._inductor.aoti_load_package(place)(ids), model(ids), atol=1e-3))}


def tensors():
    """safetensors: numpy, torch, slices, metadata, broken files, pickles turned."""
    import numpy
    import safetensors
    import torch
    from safetensors.numpy import load_file, save_file
    from safetensors.torch import load_model, save_model

    place = scratch("tensors")
    save_file({"a": numpy.arange(12, dtype="float16").reshape(3, 4)}, place / "a.safetensors", metadata={"made": "here"})
    with safetensors.safe_open(place / "a.safetensors", "np") as file:
        said = {"keys": list(file.keys()), "made": file.metadata(), "slice": file.get_slice("a")[1:, :2].tolist()}
    layer = torch.nn.Linear(2, 2)
    save_model(layer, str(place / "b.safetensors"))
    load_model(layer, str(place / "b.safetensors"))
    (place / "c.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0nothing!")
    try:
        load_file(place / "c.safetensors")
    except safetensors.SafetensorError as error:
        said["error"] = str(error)[:60]
    torch.save(layer, place / "d.pt")
    try:
        torch.load(place / "d.pt")
    except Exception as error:
        said["pickle"] = type(error).__name__
    return said


def watched():
    """A profile of torch, as tables and traces; a memory of shapes; anomalies."""
    import torch
    from torch.profiler import ProfilerActivity, profile, schedule, tensorboard_trace_handler

    folder = scratch("watched")
    with profile(
        activities=[ProfilerActivity.CPU],
        record_shapes=True,
        with_stack=True,
        schedule=schedule(wait=0, warmup=1, active=1),
        on_trace_ready=tensorboard_trace_handler(str(folder)),
    ) as by:
        for _ in range(2):
            torch.rand(8, 8) @ torch.rand(8, 8)
            by.step()
    said = {"traces": len(list(folder.iterdir())), "named": "aten::mm" in by.key_averages().table()}
    try:
        with torch.autograd.detect_anomaly(check_nan=True):
            torch.sqrt(torch.tensor(-1.0, requires_grad=True)).backward()
    except RuntimeError as error:
        said["anomaly"] = str(error)[:40]
    return said


def lines():
    return len((DATA / "notes.txt").read_text().splitlines())
