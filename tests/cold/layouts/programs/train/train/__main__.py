import sys

import hydra
from hydra.utils import get_method, instantiate
from omegaconf import OmegaConf


@hydra.main(version_base=None, config_path="conf", config_name="main")
def main(settings):
    print(OmegaConf.to_yaml(settings, resolve=True).strip())
    print(instantiate(settings.model).describe())
    print(type(instantiate(settings.cache)).__name__, get_method(settings.measure)([1, 2, 4]))


if __name__ == "__main__":
    sys.argv += ["hydra.run.dir=/tmp/train", "hydra.output_subdir=null", "hydra/job_logging=disabled", "hydra/hydra_logging=disabled"]
    main()
