"""Harden services of a compose file, each with its neighbours, and name the results in one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from careen.errors import CareenError
from careen.model.runs.compose import HARDENED
from careen.model.summary import Summary
from careen.pipeline.composing.needs import require_built
from careen.pipeline.harden import harden
from careen.pipeline.hardening.request import HardenRequest, Passed, deliver
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.report.directory import write_report
from careen.report.documents.compose import NamedService, override


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """Services of one image, and how it is hardened; `built` are those that compose builds."""

    services: tuple[str, ...]
    built: tuple[str, ...]
    request: HardenRequest


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """The result of the services of one image: a summary, or the error that ended its run."""

    services: tuple[str, ...]
    summary: Summary | None
    failure: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Composed:
    """Results in the order of the requests; `file` is the override, "" if no image has a name."""

    results: tuple[ServiceResult, ...]
    file: str

    @property
    def status(self) -> int:
        """The exit status: that of the first failure."""
        return next((result.status for result in self.results if result.status), 0)


def harden_service(wanted: ServiceRequest, session: Session) -> Summary:
    """Harden the image of a service, and put an override with its name into the report.

    Raises as `harden`, and InputError for an image that compose has to build first.
    """
    require_built(wanted.request.image, wanted.built, session)
    return harden(replace(wanted.request, deliver=partial(_deliver, wanted)), session)


def harden_services(
    wanted: Sequence[ServiceRequest], directory: Path, session: Session
) -> Composed:
    """Harden each image in turn; one that fails does not stop the others.

    The override in `directory` names all that passed.
    """
    results = []
    named: dict[str, NamedService] = {}
    for each in wanted:
        names = ", ".join(each.services)
        session.progress.note(f"service {names}: {each.request.image}")
        session.reset_clock()
        try:
            summary = harden_service(each, session)
        except CareenError as error:
            notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
            results.append(ServiceResult(each.services, None, f"{error}{notes}", error.exit_status))
            session.progress.note(f"service {names}: {error}")
            continue
        results.append(ServiceResult(each.services, summary))
        named.update(_named(each))
    return Composed(tuple(results), _write(named, directory))


def _deliver(
    wanted: ServiceRequest, request: HardenRequest, passed: Passed, session: Session
) -> tuple[str, ...]:
    places = deliver(request, passed, session)
    _write(_named(wanted), request.report_directory)
    return places


def _named(wanted: ServiceRequest) -> Mapping[str, NamedService]:
    image = _image_name(wanted.request.destination)
    if not image:
        return {}
    return {name: NamedService(image, name in wanted.built) for name in wanted.services}


def _image_name(destination: Destination) -> str:
    """Return the name by which compose finds the result, "" if it has none."""
    pushed = (str(place.name) for place in destination.pushed)
    return destination.tag or next(pushed, "")


def _write(named: Mapping[str, NamedService], directory: Path) -> str:
    if not named:
        return ""
    write_report(directory, {HARDENED: override(named)})
    return str(directory / HARDENED)
