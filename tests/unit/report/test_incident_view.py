"""What an incident looks like in a terminal."""

from dataclasses import replace

from careen.model.incident import Fix, Incident, IncidentImage, Standing
from careen.report.views.incident import print_incident
from tests.support.screens import drawn

LONG = "registry.example/team/a-service-with-a-name:1.2.3-hardened"


def shown(*images: IncidentImage) -> str:
    incident = Incident("CVE-2026-1", "2026-01-01T00:00:00Z", images)
    return drawn(lambda console: print_incident(console, incident), 100)


def image(fix: Fix, standing: Standing = Standing.WAITING, why: str = "") -> IncidentImage:
    return IncidentImage(LONG, "web:1", "not known", None, 1, fix, why, standing=standing)


def test_each_image_has_its_fix_and_its_reason() -> None:
    text = shown(
        replace(image(Fix.UPGRADE, Standing.FIXED, "a fixed version is on offer"), vex="fixed"),
        replace(image(Fix.REMOVE, Standing.FIXED, "nothing uses /x.jar"), vex="not_affected"),
        replace(image(Fix.NONE, Standing.LEFT, "pinned"), detail="still in loader 1.5: pinned"),
    )
    words = " ".join(text.split())
    assert "upgrade fixed" in words
    assert "none left" in words
    assert "on offer" not in words  # it is done
    assert "VEX: fixed" in words
    assert "nothing uses /x.jar; VEX: not_affected" in words
    assert words.count("pinned") == 1


def test_no_column_is_cut_on_a_narrow_terminal() -> None:
    text = shown(replace(image(Fix.NOT_KNOWN), vex="under_investigation"))
    assert "not known" in text
    assert "waiting" in text
    assert "a-service" in text
