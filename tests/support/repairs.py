"""Images that lack something after hardening, and repair run on them without the command around
it.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.repair import Flaky, Round
from careen.model.runs.workload import (
    Limits,
    ReadyExit,
    RunOptions,
    TestCommand,
    TestPlace,
    Workload,
)
from careen.model.verdict import Verdict
from careen.oci.reference import parse_reference
from careen.pipeline.profiling.observe import Subject
from careen.pipeline.profiling.profile import make_profile, run_original, runnable
from careen.pipeline.proof.repair import Proven, Proving, prove
from careen.pipeline.proof.verify import Baseline
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import PlanChoices, Settings
from careen.pipeline.run.source import examine, open_source
from careen.repair.tell import tell
from careen.report.terminal_output.progress import SilentProgress
from tests.support.images import Item, directory, docker_archive, file, layer

KEEPER = Path(__file__).with_name("keeper.c")
LIBRARY = ImagePath("/usr/lib/keeper/libgreet.so.1")
DATA = ImagePath("/srv/data")
PARTS = ("kale.txt", "kelp.txt", "leek.txt", "mint.txt", "okra.txt", "peas.txt")


def keeper_archive(
    folder: Path, mark: str = "keeper", more: tuple[Item, ...] = (), ballast: int = 12
) -> Path:
    """Compile the program and its library, and write an image with what they need and some ballast;
    return the docker archive.
    """
    source = folder / "greet.c"
    source.write_text("int greet(void) { return 0; }\n")
    library, program = folder / "libgreet.so.1", folder / "keeper"
    subprocess.check_call(
        ["gcc", "-shared", "-fPIC", "-Wl,-soname,libgreet.so.1", "-o", str(library), str(source)]
    )
    subprocess.check_call(
        ["gcc", "-O1", "-o", str(program), str(KEEPER), str(library), "-Wl,-rpath,/usr/lib/keeper"]
    )
    loader = Path("/lib64/ld-linux-x86-64.so.2").resolve()
    libc = Path("/lib/x86_64-linux-gnu/libc.so.6").resolve()
    folders = (
        "bin",
        "lib64",
        "usr",
        "usr/lib",
        "usr/lib/keeper",
        "lib",
        "lib/x86_64-linux-gnu",
        "srv",
        "srv/data",
        "etc",
        "opt",
    )
    items: list[Item] = [directory(name) for name in folders]
    items += [
        file("bin/keeper", program.read_bytes(), 0o755),
        file(LIBRARY[1:], library.read_bytes()),
    ]
    items += [
        file("lib64/ld-linux-x86-64.so.2", loader.read_bytes(), 0o755),
        file("lib/x86_64-linux-gnu/libc.so.6", libc.read_bytes(), 0o755),
    ]
    items += [
        file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
        *(file(f"srv/data/{name}", f"{name}\n" * 100) for name in PARTS),
    ]
    items += [
        *(file(f"opt/ballast-{number}.bin", b"nobody needs it " * 50) for number in range(ballast))
    ]
    config = {
        "config": {
            "Entrypoint": ["/bin/keeper"],
            "Cmd": ["greet"],
            "Env": ["PATH=/bin"],
            "Labels": {"test.careen.mark": mark},
        }
    }
    return docker_archive(
        folder / "keeper.tar",
        (layer(*items), layer(directory("top"), file("top/note.txt", "a second layer"), *more)),
        (),
        config,
    )


def job(*words: str, tests: tuple[str, ...] = ()) -> Workload:
    """A batch job of the program, with tests on the host after its end."""
    return Workload(
        ready=ReadyExit(),
        run=RunOptions(args=words, network="none"),
        tests=tuple(TestCommand(TestPlace.HOST, text) for text in tests),
        limits=Limits(ready=20.0, test=20.0, stop=0.5),
    )


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of a repair, after everything was closed."""

    verdict: Verdict
    plan: Plan
    rounds: tuple[Round, ...]
    flaky: tuple[Flaky, ...]
    note: str
    lines: list[str]
    trials: int

    sizes: Mapping[ImagePath, int]

    @property
    def restored(self) -> dict[ImagePath, tuple[str, str]]:
        """Path → how it was found, and what would have kept it."""
        return {item.path: (item.how, item.rule) for each in self.rounds for item in each.restored}


@dataclass(frozen=True, slots=True)
class Damage:
    """What to do to an image: the workloads, what is removed though it is needed, and how often
    repair may try. With `seen` False the profile is told nothing of what is removed.
    """

    workloads: tuple[Workload, ...]
    remove: tuple[str, ...] = ()
    level: Level = Level.CLOSURE
    rounds: int = 5
    seen: bool = True


@contextmanager
def proven(source: str, damage: Damage, open_session: Session) -> Iterator[Proven]:
    """Profile, plan and prove, as `careen harden` does it."""
    choices = PlanChoices(level=damage.level, remove=damage.remove)
    with open_source(source, open_session) as image:
        original = examine(image, open_session)
        with runnable(original, open_session) as prepared:
            observations = run_original(
                Subject(prepared, image.config, None), damage.workloads, open_session
            )
        profile = make_profile(original, observations, open_session)
        bom = (
            profile.bom
            if damage.seen
            else replace(
                profile.bom,
                files=tuple(file for file in profile.bom.files if file.path not in damage.remove),
            )
        )
        first = make_plan(original, bom, choices)
        with prove(
            original,
            bom,
            choices,
            Baseline(observations),
            Proving(damage.rounds, None, first),
            open_session,
        ) as done:
            yield done


def mend(source: str, damage: Damage, work: Path, engine: str = "embedded") -> Mended:
    """Run it all in a session of its own, and drop the image."""
    assert parse_reference(source)
    with (
        session(Settings(work, engine=engine), SilentProgress()) as open_session,
        proven(source, damage, open_session) as done,
    ):
        if done.proof.prepared is not None:
            open_session.engine.discard(done.proof.prepared)
        sizes = {entry.path: entry.size for entry in done.candidate.original.rootfs}
        return Mended(
            done.proof.verdict,
            done.plan,
            done.rounds,
            done.flaky,
            done.note,
            tell(done.rounds, done.flaky),
            done.trials,
            sizes,
        )
