"""torch on paths that inference does not take: each line is one of them; the same on every image that has it whole."""
import os
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ |= {"TORCH_CPP_LOG_LEVEL": "ERROR", "KINETO_LOG_LEVEL": "9"}  # their lines begin with the time
import torch
import torch.multiprocessing as mp
from torch.utils.data import DataLoader, TensorDataset


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, str(error)[:300])


def train():
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    for kind in (torch.optim.SGD, torch.optim.AdamW, torch.optim.Adagrad, torch.optim.LBFGS, torch.optim.RMSprop):
        optimiser = kind(model.parameters(), lr=0.01)

        def closure():
            optimiser.zero_grad()
            loss = model(torch.ones(3, 4)).pow(2).mean()
            loss.backward()
            return loss

        optimiser.step(closure)
    with tempfile.TemporaryDirectory() as folder:
        torch.save({"m": model.state_dict(), "o": optimiser.state_dict()}, f"{folder}/x.pt")
        return sorted(torch.load(f"{folder}/x.pt", weights_only=True))


def loader(strategy):
    mp.set_sharing_strategy(strategy)
    data = TensorDataset(torch.arange(64.0).reshape(16, 4))
    return sum(float(batch[0].sum()) for batch in DataLoader(data, batch_size=4, num_workers=2, multiprocessing_context="spawn"))


def distributed():
    import torch.distributed as dist

    with tempfile.TemporaryDirectory() as folder:
        dist.init_process_group("gloo", init_method=f"file://{folder}/x", rank=0, world_size=1)
        tensor = torch.ones(3)
        dist.all_reduce(tensor)
        dist.destroy_process_group()
    return tensor.tolist()


def profiled():
    with torch.profiler.profile() as record:
        torch.ones(8, 8) @ torch.ones(8, 8)
    return "aten::mm" in record.key_averages().table()


def scripted():
    @torch.jit.script
    def clipped(x: torch.Tensor, low: float):
        if x.sum() > low:
            return torch.clamp(x, min=low)
        return x

    return clipped(torch.tensor([1.0, 5.0]), 2.0).tolist()


def quantised():
    torch.backends.quantized.engine = [item for item in torch.backends.quantized.supported_engines if item != "none"][0]
    model = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 4)), {torch.nn.Linear}, dtype=torch.qint8)
    return tuple(model(torch.ones(1, 4)).shape)


def exported():
    program = torch.export.export(torch.nn.Linear(4, 2), (torch.ones(1, 4),))
    return len(list(program.graph.nodes))


if __name__ == "__main__":
    attempt("linalg", lambda: [tuple(torch.linalg.svd(torch.eye(4) + 1)[1].shape), float(torch.linalg.det(torch.eye(3) * 2)), tuple(torch.linalg.eig(torch.eye(3))[0].shape)])
    attempt("fft", lambda: tuple(torch.fft.rfft(torch.ones(16)).shape))
    attempt("stft", lambda: tuple(torch.stft(torch.ones(400), 64, return_complex=True, window=torch.hann_window(64)).shape))
    attempt("convolution", lambda: float(torch.nn.functional.conv2d(torch.ones(1, 3, 8, 8), torch.ones(2, 3, 3, 3)).sum()))
    attempt("types", lambda: [str((torch.ones(2, dtype=kind) * 2).sum().item()) for kind in (torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.complex64)])
    attempt("recurrent", lambda: tuple(torch.nn.LSTM(4, 8, 2, bidirectional=True)(torch.ones(3, 1, 4))[0].shape))
    attempt("sparse", lambda: float(torch.sparse.mm(torch.eye(4).to_sparse_csr(), torch.ones(4, 2)).sum()))
    attempt("train", train)
    attempt("descriptors", lambda: loader("file_descriptor"))
    attempt("shared files", lambda: loader("file_system"))
    attempt("distributed", distributed)
    attempt("profiler", profiled)
    attempt("script", scripted)
    attempt("quantised", quantised)
    attempt("export", exported)
    attempt("autocast", lambda: str(torch.autocast("cpu", dtype=torch.bfloat16).__enter__() and (torch.ones(4, 4) @ torch.ones(4, 4)).dtype))
    attempt("checkpoint", lambda: str(torch.utils.checkpoint.checkpoint(torch.nn.Linear(2, 2), torch.ones(1, 2), use_reentrant=False).shape))
    attempt("vmap", lambda: torch.func.vmap(torch.dot)(torch.ones(3, 4), torch.ones(3, 4)).tolist())
    attempt("environment", lambda: len(torch.__config__.show()) > 100 and torch.utils.collect_env.get_env_info().python_version[:4])
    os._exit(0)
