"""A loop of one's own."""

import torch


def _fit(**how):
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state(reset_partial_state=True)  # else the way of the first fit stays
    accelerator = Accelerator(cpu=True, **how)
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.GELU(), torch.nn.Linear(16, 1))
    network, optimiser = accelerator.prepare(network, torch.optim.SGD(network.parameters(), 0.1))
    losses = []
    for _ in range(3):
        loss = network(torch.ones(4, 8)).square().mean()
        accelerator.backward(loss)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    return {"fell": losses[-1] <= losses[0], "wrapped": type(network).__name__}


def fit():
    return _fit()


def fit_fast():
    return _fit(dynamo_backend="inductor")
