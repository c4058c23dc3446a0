"""One rank of several: run by torchrun, by accelerate's launcher or by deepspeed's."""

import argparse
import json
import os

from loom.places import chat, notes, still


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--how", default="ddp", choices=["ddp", "fsdp", "accelerate", "trainer", "pipeline", "checkpoint", "tensor", "fails", "join"])
    given, _ = parser.parse_known_args()
    still()
    said = globals()[f"_{given.how}"]()
    if int(os.environ.get("RANK", "0")) == 0:
        print(json.dumps(said), flush=True)


def _start():
    import torch.distributed as dist

    dist.init_process_group("gloo")
    return dist


def _batch(tokenizer, rank: int):
    return tokenizer(f"There is tea in the kitchen {rank}", return_tensors="pt")


def _ddp():
    import torch

    dist = _start()
    model, tokenizer = chat()
    shared = torch.nn.parallel.DistributedDataParallel(model)
    batch = _batch(tokenizer, dist.get_rank())
    shared(**batch, labels=batch["input_ids"]).loss.backward()
    total = torch.ones(1) * dist.get_rank()
    dist.all_reduce(total)
    told = [None] * dist.get_world_size()
    dist.all_gather_object(told, dist.get_rank())
    dist.barrier()
    dist.destroy_process_group()
    return {"sum": total.item(), "told": told}


def _fsdp():
    import torch
    from torch.distributed.fsdp import fully_shard

    dist = _start()
    model, tokenizer = chat()
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (dist.get_world_size(),))
    for layer in model.model.layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)
    batch = _batch(tokenizer, dist.get_rank())
    model(**batch, labels=batch["input_ids"]).loss.backward()
    kind = type(next(model.parameters())).__name__
    dist.destroy_process_group()
    return {"kind": kind}


def _tensor():
    import torch
    from torch.distributed.tensor import Replicate, Shard, distribute_tensor
    from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

    dist = _start()
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (dist.get_world_size(),))
    layer = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.GELU(), torch.nn.Linear(16, 8))
    parallelize_module(layer, mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    out = layer(torch.ones(2, 8))
    spread = distribute_tensor(torch.arange(8.0), mesh, [Shard(0)]).redistribute(mesh, [Replicate()])
    dist.destroy_process_group()
    return {"shape": list(out.shape), "sum": spread.to_local().sum().item()}


def _checkpoint():
    import torch
    import torch.distributed.checkpoint as kept
    from torch.distributed.checkpoint.state_dict import get_model_state_dict

    dist = _start()
    model, _ = chat()
    place = os.environ.get("LOOM_KEPT", "/tmp/kept")
    kept.save({"model": get_model_state_dict(model)}, checkpoint_id=place)
    state = {"model": get_model_state_dict(model)}
    kept.load(state, checkpoint_id=place)
    files = len(os.listdir(place))
    if dist.get_rank() == 0:
        from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

        dcp_to_torch_save(place, f"{place}.pt")
        torch.load(f"{place}.pt", weights_only=False)
    dist.barrier()
    dist.destroy_process_group()
    return {"files": files}


def _pipeline():
    import torch
    from torch.distributed.pipelining import PipelineStage, ScheduleGPipe

    dist = _start()
    rank = dist.get_rank()
    stage = PipelineStage(torch.nn.Linear(8, 8), rank, dist.get_world_size(), torch.device("cpu"))
    by = ScheduleGPipe(stage, n_microbatches=2)
    out = by.step(torch.ones(4, 8)) if rank == 0 else by.step()
    dist.barrier()
    dist.destroy_process_group()
    return {"first": out is None}


def _join():
    import torch
    import torch.distributed.rpc as rpc

    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    try:
        rpc.init_rpc(f"rank{rank}", rank=rank, world_size=size)
        out = rpc.rpc_sync("rank1", torch.add, args=(torch.ones(1), 2)).item() if rank == 0 else 0
        rpc.shutdown()
        return {"rpc": out}
    except (RuntimeError, AttributeError) as error:
        return {"rpc": type(error).__name__}


def _accelerate():
    import torch
    from accelerate import Accelerator
    from accelerate.utils import set_seed

    set_seed(7)
    by = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, tokenizer = chat()
    rows = torch.utils.data.DataLoader(notes(tokenizer).with_format("torch"), batch_size=8)
    model, optimiser, rows = by.prepare(model, torch.optim.AdamW(model.parameters(), lr=1e-4), rows)
    for number, batch in enumerate(rows):
        with by.accumulate(model):
            by.backward(model(**batch).loss)
            by.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
        if number == 1:
            break
    by.save_state("/tmp/accelerated")
    by.load_state("/tmp/accelerated")
    kind, number = str(by.distributed_type), by.num_processes
    by.wait_for_everyone()
    by.end_training()
    return {"kind": kind.split(".")[-1], "processes": number}


def _trainer():
    from loom.areas.training import run

    return run(max_steps=2)


def _fails():
    _start()
    raise RuntimeError(f"rank {os.environ['RANK']} gives up")


if __name__ == "__main__":
    main()
