"""`careen why` of an image that was upgraded before it was hardened: the plan is about the upgraded
image's paths, and the question about the original's.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from careen.inventory.index import write_index
from careen.model.patching import PatchPlan, Reach
from careen.model.rbom import ImageRef
from careen.model.runs.trace import Use
from careen.patch.store import patch_plan_object
from careen.plan.store import write_plan
from careen.rbom.store import write_rbom
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.images import config_of, digest, file, layer, oci_layout
from tests.support.plans import Case, plan_for, scene_of

LAYER = layer(file("bin/app", "old", 0o755))
CASE = Case({"/bin/app": "new", "/doc": "y"}, {"/bin/app": Use.EXECUTED}, ("/bin/app",), ("/doc",))


def test_a_path_of_an_image_that_was_upgraded_first_is_explained(tmp_path: Path) -> None:
    oci_layout(tmp_path / "image", [LAYER])
    original = ImageRef(
        "oci:image", None, digest(config_of([LAYER], None)), (digest(LAYER),), "linux/amd64"
    )
    rootfs, inventory, bom, _ = scene_of(CASE)
    bom = replace(bom, files=tuple(replace(used, sha256="a" * 64, size=3) for used in bom.files))
    rbom = write_rbom(bom)
    plan = replace(plan_for(CASE), image=bom.image, rbom_sha256=hashlib.sha256(rbom).hexdigest())
    report = tmp_path / "careen-out" / "hardened"
    report.mkdir(parents=True)
    (report / "rbom.json").write_bytes(rbom)
    (report / "index.json").write_bytes(write_index(rootfs, inventory, bom.image))
    (report / "plan.json").write_bytes(
        write_plan(plan, patch_plan_object(PatchPlan(original, Reach.SECURITY, (), ())))
    )
    careen = Careen(tmp_path, NO_DAEMON)
    assert careen("why", "oci:image", "/bin/app", "--quiet").out.startswith("/bin/app is kept: ")
    (report / "plan.json").write_bytes(write_plan(plan))
    assert "is the plan of another image (img, config sha256:0000" in careen.refused(
        "why", "oci:image", "/bin/app"
    )
