"""A run described by Hydra's files."""

import logging
from dataclasses import dataclass

import hydra
from hydra.core.config_store import ConfigStore
from hydra.utils import instantiate
from omegaconf import MISSING, DictConfig, OmegaConf

log = logging.getLogger("loom.plans")


@dataclass
class Narrow:
    _target_: str = "torch.nn.Linear"
    in_features: int = 8
    out_features: int = MISSING


ConfigStore.instance().store(group="model", name="narrow", node=Narrow)
OmegaConf.register_new_resolver("twice", lambda n: 2 * n, replace=True)


@hydra.main(version_base=None, config_path="/srv/loom/conf", config_name="plan")
def main(plan: DictConfig) -> float:
    import torch

    torch.manual_seed(plan.seed)
    model = instantiate(plan.model)
    by = instantiate(plan.optimiser, params=model.parameters())
    for _ in range(plan.steps):
        loss = model(torch.ones(2, 8)).square().mean()
        loss.backward()
        by.step()
        by.zero_grad()
    log.info("%s %s finite=%s", type(model).__name__, type(by).__name__, bool(torch.isfinite(loss)))
    return loss.item()


if __name__ == "__main__":
    main()
