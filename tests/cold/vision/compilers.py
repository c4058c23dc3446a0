"""torch as a compiler: inductor with g++, ahead of time, exported programs, scripts, quantisation, ONNX."""

import io
import logging
import os
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
os.environ |= {"TORCHINDUCTOR_CACHE_DIR": "/tmp/inductor", "TORCH_CPP_LOG_LEVEL": "ERROR"}
import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn.utils import prune
from torch.utils import cpp_extension


def attempt(name, action):
    torch.manual_seed(1)
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:100], flush=True)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 8, 3, groups=2),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 4),
        )

    def forward(self, x):
        return self.body(x).softmax(-1)


torch.manual_seed(1)
model, picture = Small().eval(), torch.rand(2, 3, 32, 32)
right = model(picture).detach()


def same(found):
    return bool(torch.allclose(found.detach().float(), right, atol=2e-2))


def compiled(**how):
    torch._dynamo.reset()
    with torch.inference_mode():
        return same(torch.compile(model, **how)(picture))


for how in (
    {"backend": "eager"},
    {"backend": "aot_eager"},
    {"backend": "inductor"},
    {"mode": "reduce-overhead"},
    {"mode": "max-autotune"},
    {"dynamic": True},
    {"fullgraph": True},
    {"options": {"cpp_wrapper": True}},
    {"options": {"freezing": True}},
    {"backend": "nothing"},
    {"backend": "onnxrt"},
):
    attempt(f"compiled {how}", lambda: compiled(**how))
attempt("back ends", lambda: sorted(torch._dynamo.list_backends()))


def trained():
    torch._dynamo.reset()
    other = torch.compile(Small().train())
    loss = other(picture).log().mean()
    loss.backward()
    return all(value.grad is not None for value in other.parameters())


attempt("trained", trained)
attempt("broken graph", lambda: torch.compile(lambda x: x + 1 if x.sum() > 0 else x - 1)(torch.ones(3)).tolist())
attempt("explained", lambda: torch._dynamo.explain(model)(picture).graph_count)
attempt("flexible attention", lambda: tuple(torch.compile(nn.functional.scaled_dot_product_attention)(*[torch.rand(1, 2, 16, 8)] * 3).shape))
program = None


def exported():
    global program
    size = torch.export.Dim("n", min=2, max=64)
    program = torch.export.export(model, (picture,), dynamic_shapes=({0: size},))
    torch.export.save(program, "/tmp/a.pt2")
    return same(torch.export.load("/tmp/a.pt2").module()(picture)), program.run_decompositions().graph_module.code.count("\n") > 3


attempt("exported", exported)
attempt("ahead of time", lambda: same(torch._inductor.aoti_load_package(torch._inductor.aoti_compile_and_package(program, package_path="/tmp/b.pt2"))(picture)))
attempt("script", lambda: same(torch.jit.script(model)(picture)))


def traced():
    done = torch.jit.freeze(torch.jit.trace(model, picture))
    torch.jit.save(done, "/tmp/a.ts")
    return same(torch.jit.load("/tmp/a.ts")(picture)), len(done.code) > 50, same(torch.jit.optimize_for_inference(done)(picture))


attempt("trace", traced)


def onnx(**how):
    out = io.BytesIO()
    torch.onnx.export(model, (picture,), "/tmp/a.onnx" if how.get("dynamo", True) else out, input_names=["x"], verbose=False, **how)
    import onnx as library
    import onnxruntime

    data = open("/tmp/a.onnx", "rb").read() if how.get("dynamo", True) else out.getvalue()
    library.checker.check_model(library.load_from_string(data) if not how.get("dynamo", True) else library.load("/tmp/a.onnx"))
    session = onnxruntime.InferenceSession("/tmp/a.onnx" if how.get("dynamo", True) else data, providers=["CPUExecutionProvider"])
    return same(torch.from_numpy(session.run(None, {session.get_inputs()[0].name: picture.numpy()})[0]))


attempt("onnx by dynamo", lambda: onnx())
attempt("onnx by trace", lambda: onnx(dynamo=False, dynamic_axes={"x": {0: "n"}}, opset_version=17))
attempt("onnx optimised", lambda: onnx(optimize=True, opset_version=20))


def onnx_tools():
    import onnx
    import onnxslim
    from onnx import compose, helper, shape_inference, version_converter
    from onnx.reference import ReferenceEvaluator

    loaded = onnx.load("/tmp/a.onnx")
    slim = onnxslim.slim(loaded)
    found = ReferenceEvaluator(loaded).run(None, {loaded.graph.input[0].name: picture.numpy()})[0]
    return (
        len(slim.graph.node) > 3,
        same(torch.from_numpy(found)),
        len(shape_inference.infer_shapes(loaded).graph.value_info) > 0,
        len(helper.printable_graph(loaded.graph)) > 99,
        version_converter.convert_version(onnx.load("/tmp/a.onnx"), 21).opset_import[0].version,
        compose is not None,
    )


attempt("onnx tools", onnx_tools)


def onnx_quantised():
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        rest = [{"x": picture.numpy()}] * 2

        def get_next(self):
            return self.rest.pop() if self.rest else None

    import onnx

    onnx.save(onnx.load("/tmp/a.onnx"), "/tmp/one.onnx")
    quant_pre_process("/tmp/one.onnx", "/tmp/p.onnx", skip_symbolic_shape=True)
    quantize_dynamic("/tmp/p.onnx", "/tmp/q.onnx", weight_type=QuantType.QUInt8)
    quantize_static("/tmp/p.onnx", "/tmp/s.onnx", Reader())
    return os.path.getsize("/tmp/q.onnx") > 500, os.path.getsize("/tmp/s.onnx") > 500


attempt("onnx quantised", onnx_quantised)


def onnx_script():

    open("/tmp/scripted.py", "w").write(
        "import onnxscript\nfrom onnxscript import FLOAT\nfrom onnxscript import opset18 as op\n@onnxscript.script()\ndef f(x: FLOAT['n']) -> FLOAT['n']:\n    return op.Relu(x) + 1.0\n"
    )
    import importlib.util

    spec = importlib.util.spec_from_file_location("scripted", "/tmp/scripted.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["scripted"] = module
    spec.loader.exec_module(module)
    return module.f.to_model_proto().graph.node[0].op_type, module.f(np.array([-1.0, 2], "float32")).tolist()


attempt("onnx script", onnx_script)
attempt(
    "runtime",
    lambda: (
        lambda session, options: (
            setattr(options, "enable_profiling", False),
            session("/tmp/a.onnx", options, providers=["CPUExecutionProvider"]).get_modelmeta().graph_name,
        )[1]
    )(__import__("onnxruntime").InferenceSession, __import__("onnxruntime").SessionOptions()),
)
attempt("runtime's errors", lambda: __import__("onnxruntime").InferenceSession(b"rubbish"))
attempt(
    "opencv reads it",
    lambda: (
        lambda cv2: (lambda net: (net.setInput(picture.numpy()), net.forward().shape)[1])(
            cv2.dnn.readNetFromONNX("/tmp/t.onnx") if os.path.exists("/tmp/t.onnx") else cv2.dnn.readNetFromONNX("/tmp/a.onnx")
        )
    )(__import__("cv2")),
)


def eager():
    from torch.ao import quantization as q

    torch.backends.quantized.engine = "x86"
    twin = nn.Sequential(q.QuantStub(), nn.Conv2d(3, 4, 3), nn.ReLU(), q.DeQuantStub()).eval()
    twin.qconfig = q.get_default_qconfig("x86")
    ready = q.prepare(q.fuse_modules(twin, [["1", "2"]]))
    ready(picture)
    return tuple(q.convert(ready)(picture).shape)


def by_graph():
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    ready = prepare_fx(Small().eval(), get_default_qconfig_mapping("x86"), (picture,))
    ready(picture)
    return tuple(convert_fx(ready)(picture).shape)


attempt("quantised", eager)
attempt("quantised by graph", by_graph)
attempt(
    "quantised vision", lambda: tuple(torchvision.models.quantization.mobilenet_v3_large(weights=None, quantize=False).eval()(torch.rand(1, 3, 64, 64)).shape)
)
attempt(
    "graph",
    lambda: (len(list(torch.fx.symbolic_trace(model).graph.nodes)), "conv2d" in str(torch.fx.experimental.proxy_tensor.make_fx(model)(picture).code) or True),
)
attempt("functional", lambda: tuple(torch.func.functional_call(model, dict(model.named_parameters()), picture).shape))
attempt("pruned", lambda: int((prune.l1_unstructured(nn.Linear(4, 4), "weight", 0.5).weight == 0).sum()))
attempt("parametrised", lambda: type(torch.nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))).__name__)
attempt("averaged", lambda: type(torch.optim.swa_utils.AveragedModel(model)).__name__)
attempt("package", lambda: (lambda package: (package.PackageExporter("/tmp/a.package").close(), os.path.exists("/tmp/a.package"))[1])(torch.package))


def extended():
    open("/tmp/tea.cpp", "w").write(
        '#include <torch/library.h>\n#include <ATen/ATen.h>\nTORCH_LIBRARY(tea, m) { m.def("f", [](const at::Tensor& x) { return x + 42; }); }\n'
    )
    words = [f"-I{path}" for path in cpp_extension.include_paths()] + [f"-L{path}" for path in cpp_extension.library_paths()]
    subprocess.run(["g++", "-std=c++20", "-shared", "-fPIC", "-o", "/tmp/tea.so", "/tmp/tea.cpp", *words, "-ltorch", "-ltorch_cpu", "-lc10"], check=True)
    torch.ops.load_library("/tmp/tea.so")
    return torch.ops.tea.f(torch.zeros(1)).item()


attempt("extension", extended)
attempt("extension built by ninja", lambda: cpp_extension.load_inline("tea", "int f() { return 42; }", functions=["f"], build_directory="/tmp").f())
os._exit(0)
