"""Plain torch."""

import torch
from torch import nn


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))


def step() -> dict:
    model = net()
    data = torch.randn(64, 4)
    target = data.sum(1, keepdim=True)
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    losses = []
    for _ in range(20):
        loss = nn.functional.mse_loss(model(data), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"smaller": losses[-1] < losses[0]}


def optimizers() -> dict:
    import pytorch_optimizer

    out = {}
    for name in ("SGD", "RMSprop", "LBFGS", "NAdam"):
        model = net()
        optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.01)
        optimizer.step(lambda: nn.functional.mse_loss(model(torch.ones(1, 4)), torch.ones(1, 1)))
        out[name] = True
    for name in ("lion", "adan", "sophiah"):
        out[name] = pytorch_optimizer.load_optimizer(name).__name__
    return out


def exported() -> dict:
    import io

    out = {}
    model = net().eval()
    example = torch.ones(1, 4)
    stream = io.BytesIO()
    torch.jit.save(torch.jit.script(model), stream)
    out["script"] = len(stream.getvalue()) > 1000
    out["export"] = len(list(torch.export.export(model, (example,)).graph.nodes))
    program = torch.onnx.export(model, (example,), dynamo=True, verbose=False)
    out["onnx"] = [node.op_type for node in program.model.graph][:4]
    out["fx"] = len(list(torch.fx.symbolic_trace(model).graph.nodes))
    out["quantized"] = type(torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)[0]).__module__
    return out


def compiled() -> dict:
    model = torch.compile(net(), backend="aot_eager")
    inductor = ""
    try:
        inductor = torch.compile(net())(torch.ones(1, 4)).shape[-1]
    except Exception as error:
        inductor = type(error).__name__
    return {"eager": model(torch.ones(1, 4)).shape[-1], "inductor": inductor, "backends": torch._dynamo.list_backends()}


def profiled() -> dict:
    from torch.profiler import ProfilerActivity, profile
    from torch.utils.tensorboard import SummaryWriter

    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as made:
        net()(torch.ones(1, 4))
    table = made.key_averages().table(row_limit=3)
    with SummaryWriter("/tmp/board") as writer:
        writer.add_scalar("a", 1, 1)
        writer.add_graph(net(), torch.ones(1, 4))
        writer.add_histogram("h", torch.randn(10))
        writer.add_image("i", torch.rand(3, 4, 4))
    return {"table": "aten::" in table}


def distributed() -> dict:
    import subprocess
    import sys

    code = (
        "import torch.distributed as d, torch; d.init_process_group('gloo'); t=torch.ones(1); d.all_reduce(t); print(int(t.item())); d.destroy_process_group()"
    )
    open("/tmp/dist.py", "w").write(code)
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "/tmp/dist.py"], capture_output=True, text=True, timeout=120
    )
    return {"out": "".join(done.stdout.split()), "status": done.returncode}


def loaded(context: str = "fork") -> dict:
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(torch.arange(8.0)), batch_size=2, num_workers=2, multiprocessing_context=context, pin_memory=False)
    return {"sum": float(sum(batch[0].sum() for batch in loader))}


def mathematics() -> dict:
    from torch import fft, linalg, sparse, special
    from torch.distributions import Beta, MultivariateNormal, kl_divergence
    from torch.func import grad, jacrev, vmap
    from torch.nn.attention.flex_attention import flex_attention

    torch.manual_seed(0)
    matrix = torch.randn(4, 4)
    return {
        "svd": linalg.svd(matrix).S.shape[0],
        "fft": fft.rfft2(matrix).shape[-1],
        "bessel": round(special.bessel_j0(torch.tensor(1.0)).item(), 4),
        "sparse": sparse.mm(matrix.to_sparse_csr(), matrix).shape[0],
        "kl": kl_divergence(Beta(torch.tensor(1.0), torch.tensor(2.0)), Beta(torch.tensor(2.0), torch.tensor(2.0))).item() > 0,
        "normal": MultivariateNormal(torch.zeros(2), torch.eye(2)).sample().shape[0],
        "grad": vmap(grad(torch.sin))(torch.zeros(2)).tolist(),
        "jac": jacrev(torch.sin)(torch.zeros(2)).diag().tolist(),
        "flex": flex_attention(*(torch.randn(1, 1, 16, 16) for _ in range(3))).shape[-1],
    }
