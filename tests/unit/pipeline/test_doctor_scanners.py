"""What the doctor says about the scanners of `careen comply`."""

import pytest

from careen.pipeline.assessing.scanners import opinion_row, scanner_rows, secrets_row
from careen.report.views.doctor import Health

NETWORK = "with this machine's network"


@pytest.mark.parametrize(
    ("gitleaks", "lacks", "free", "detail", "remedy"),
    [
        ("/g", "", "", "judged by /g, confined and without a network", ""),
        (None, "", "", "gitleaks is missing: the check `secrets`", "apt-get install gitleaks"),
        ("/g", "prlimit", "", "prlimit of util-linux is missing, so /g does not run", "apt-get"),
        ("/g", "", NETWORK, "/g would run with this machine's network", "run careen as root, or"),
    ],
)
def test_the_search_for_secrets(
    gitleaks: str | None, lacks: str, free: str, detail: str, remedy: str
) -> None:
    row = secrets_row(gitleaks, lacks, free, root=False)
    assert row.health is (Health.LIMITED if remedy else Health.GOOD)
    assert row.detail.startswith(detail)
    assert row.remedy.startswith(remedy)
    assert bool(row.remedy) is bool(remedy)


def test_root_without_rights_is_told_which_it_needs() -> None:
    row = secrets_row("/g", "", NETWORK, root=True)
    assert row.remedy.startswith("give careen CAP_SYS_ADMIN, CAP_SETUID, ")


@pytest.mark.parametrize(
    ("oscap", "lacks", "free", "contents", "root", "detail"),
    [
        ("/o", "", "", 2, True, "/o, confined; data streams: 2"),
        ("/o", "", "", 0, True, "/o, confined; no data stream is installed"),
        (None, "", "", 2, True, "oscap is missing: `careen comply --oscap` cannot work"),
        ("/o", "setpriv", "", 2, True, "setpriv of util-linux is missing: "),
        ("/o", "", "", 2, False, "this user is not root: "),
        ("/o", "", NETWORK, 2, True, "/o would run with this machine's network: "),
    ],
)
def test_openscap(
    oscap: str | None, lacks: str, free: str, contents: int, root: bool, detail: str
) -> None:
    row = opinion_row(oscap, lacks, free, contents, root=root)
    good = detail.endswith("2")
    assert row.health is (Health.GOOD if good else Health.LIMITED)
    assert row.detail.startswith(detail)
    assert bool(row.remedy) is not good


@pytest.mark.root
@pytest.mark.gitleaks
@pytest.mark.oscap
def test_a_machine_with_both() -> None:
    assert [row.health for row in scanner_rows()] == [Health.GOOD, Health.GOOD]
