"""What a load of the sensor costs: the kernel walks all instructions of its programs, loops step by
step.
"""

import re
from pathlib import Path

import pytest

from careen.sensor.helper import Helper

pytestmark = [pytest.mark.bpf, pytest.mark.root]

MOST = 20_000  # of one program: the largest takes 11,000


@pytest.mark.parametrize("variant", ["full", "loader", "core"])
def test_no_program_has_a_loop_that_the_verifier_walks_step_by_step(variant: str) -> None:
    helper = Helper(("--output", "{output}", "--variant", variant))
    try:
        told = [each.read_text() for each in Path(f"/proc/{helper.pid}/fdinfo").iterdir()]
    finally:
        helper.close()
    walked = [
        int(found[1])
        for text in told
        if (found := re.search(r"^verified_insns:\s*(\d+)$", text, re.MULTILINE))
    ]
    assert len(walked) > 5
    assert max(walked) < MOST
