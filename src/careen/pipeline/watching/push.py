"""Push a result of docker's store to the registry of its tag."""

from dataclasses import replace

from careen.oci.reference import in_registry
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Pull, Settings
from careen.pipeline.run.source import open_source
from careen.registries.deliver import make_layout, push
from careen.report.terminal_output.progress import Progress


def push_result(tag: str, settings: Settings, progress: Progress) -> str:
    """Push a tag of docker's store and return its digest in the registry.

    Raises InputError or ToolError.
    """
    with (
        session(replace(settings, pull=Pull.NEVER, platform=None), progress) as run,
        run.stage("push"),
        open_source(tag, run) as image,
    ):
        run.say(f"packing the layers of {tag}")
        made = make_layout(image, run.scratch("push") / "layout", run.packed)
        run.say(f"pushing {tag}")
        push(made, in_registry(tag), {}, run.skopeo)()
        return str(made.digest)
