"""Run a workload with its tests on an image, without a sensor."""

from careen.model.runs.workload import Workload, WorkloadResult
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.run.session import Session
from careen.workload.composed import config_in
from careen.workload.context import RunContext
from careen.workload.ports import wanted_ports
from careen.workload.run import run_workload


def run_unwatched(subject: Subject, workload: Workload, session: Session) -> WorkloadResult:
    """Return what became of the tests. Raises ToolError if the engine fails."""
    config = config_in(subject.config, workload.run)
    container = session.engine.create(
        subject.prepared, workload.run, wanted_ports(config, workload)
    )
    try:
        context = RunContext(
            subject.prepared.reference,
            config,
            subject.log_directory,
            progress=session.say,
            scratch=session.scratch("tests"),
        )
        return run_workload(container, workload, context)
    finally:
        container.remove()
