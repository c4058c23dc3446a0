"""The engines that a job can be written for, by name."""

from collections.abc import Callable, Mapping

from careen.clusters.jobs.argo import argo_workflow
from careen.clusters.jobs.indexed_job import indexed_job, kueue_job
from careen.clusters.jobs.job import FleetJob
from careen.clusters.jobs.slurm import slurm_script
from careen.clusters.jobs.tekton import tekton_run

ENGINES: Mapping[str, Callable[[FleetJob], bytes]] = {
    "indexed-job": indexed_job,
    "kueue": kueue_job,
    "argo": argo_workflow,
    "tekton": tekton_run,
    "slurm": slurm_script,
}
