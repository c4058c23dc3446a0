"""Sum over ranks, as torchrun starts them."""
import torch
import torch.distributed as dist

dist.init_process_group("gloo")
value = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(value)
if dist.get_rank() == 0:
    print("sum", value.item())
dist.destroy_process_group()
