"""The operators' command, by hydra: words.command engine=… text=…"""

import logging

import hydra
from hydra.utils import instantiate
from omegaconf import DictConfig

log = logging.getLogger(__name__)


@hydra.main(config_path="/srv/words/conf", config_name="config", version_base="1.3")
def main(settings: DictConfig) -> None:
    log.info("engine %s", settings.engine._target_)
    print(instantiate(settings.engine)(settings.get("text", "tea")))


if __name__ == "__main__":
    main()
