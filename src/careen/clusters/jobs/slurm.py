"""A job array of Slurm with one task per image."""

import shlex

from careen.clusters.jobs.job import FINAL, FleetJob


def slurm_script(job: FleetJob) -> bytes:
    """Return the script for `sbatch`, which runs in the directory of the list."""
    push = " --push" if job.push else ""
    final = "|".join(map(str, FINAL))
    return f"""\
#!/usr/bin/env bash
# {job.count:,} images of a list, one task each. Send it from the list's directory:
#   sbatch THIS
#SBATCH --job-name={job.name}
#SBATCH --array=0-{job.count - 1}%{job.at_once}
#SBATCH --time={job.hours}:00:00
#SBATCH --cpus-per-task=2
#SBATCH --mem=8G
#SBATCH --requeue
#SBATCH --open-mode=append
set -u
status=0
careen fleet work {shlex.quote(job.listed)}{push} || status=$?
case $status in
  0|{final}) exit "$status" ;;
esac
if [ "${{SLURM_RESTART_COUNT:-0}}" -lt {job.attempts - 1} ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$status"
""".encode()
