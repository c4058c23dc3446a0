"""What must hold of any finding: evidence of danger never lowers a priority, and what is not known
never passes.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ConfigError, InputError
from careen.model.findings.advisory import EpssScore, KevEntry, Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Priority, Tier, Triaged
from careen.triage.conditions import PRIORITIES, SEVERITIES, TIERS, parse_conditions
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.policy import Selection, crossed, parse_fail_on, select
from careen.triage.priority import EPSS_RAISED, Listening, judge
from careen.triage.tiers import TIER_ORDER, Proof
from careen.triage.triage import urgency
from careen.triage.vectors import reach_of
from tests.support.triage import FEEDS, LOCAL_VECTOR, OPEN_VECTOR, PROFILED, cvss

_RANK = {priority: i for i, priority in enumerate(Priority)}
_STRONGER = (
    Tier.EXECUTED,
    Tier.LOADED,
    Tier.NOT_PROFILED,
    Tier.OPENED,
    Tier.LOOKED_UP,
    Tier.PRESENT,
    Tier.REMOVED,
)
_KEV = KevEntry("CVE-2024-0001", "2024-05-01", "", "", ransomware=False)

epss_scores = st.floats(0, 1).map(
    lambda score: EpssScore("CVE-2024-0001", score, score, "2026-08-16")
)
findings = st.builds(
    Finding,
    id=st.sampled_from(["CVE-2024-0001", "CVE-2024-0002", "GHSA-1"]),
    aliases=st.just(()),
    package=st.sampled_from(["pkg:deb/a@1", "pkg:pypi/b@1"]),
    name=st.text(max_size=5),
    version=st.text(max_size=5),
    matches=st.just(()),
    status=st.sampled_from(VendorStatus),
    fixed=st.sampled_from([(), ("2",)]),
    severity=st.sampled_from(Severity),
    severity_source=st.sampled_from(["", "nvd"]),
    scores=st.sampled_from([(), cvss(OPEN_VECTOR), cvss(LOCAL_VECTOR), cvss("rubbish")]),
    epss=st.none() | epss_scores,
    kev=st.sampled_from([None, _KEV]),
)
listenings = st.sampled_from(
    [Listening(None), Listening(reachable=True, ports=(1,)), Listening(reachable=False)]
)
tiers = st.sampled_from(Tier)
items = st.builds(Triaged, findings, tiers, st.sampled_from(Priority), st.just(("x",)))
words = st.sampled_from([*TIERS, *SEVERITIES, *PRIORITIES, "kev", "fixable", "any"])


def rank(about: Finding, tier: Tier, listening: Listening) -> int:
    return _RANK[judge(about, Proof(tier, "package"), listening).priority]


@given(findings, tiers, tiers, listenings)
def test_a_stronger_tier_never_lowers_the_priority(
    about: Finding, one: Tier, other: Tier, listening: Listening
) -> None:
    stronger, weaker = sorted((one, other), key=_STRONGER.index)
    assert rank(about, stronger, listening) <= rank(about, weaker, listening)


@given(findings, tiers, listenings)
def test_exploitation_never_lowers_the_priority(
    about: Finding, tier: Tier, listening: Listening
) -> None:
    assert rank(replace(about, kev=_KEV), tier, listening) <= rank(
        replace(about, kev=None), tier, listening
    )


@given(findings, tiers, listenings, epss_scores, epss_scores)
def test_a_higher_probability_never_lowers_the_priority(
    about: Finding, tier: Tier, listening: Listening, one: EpssScore, other: EpssScore
) -> None:
    low, high = sorted((one, other), key=lambda score: score.score)
    assert (
        rank(replace(about, epss=high), tier, listening)
        <= rank(replace(about, epss=low), tier, listening)
        <= rank(replace(about, epss=None), tier, listening)
    )


@given(
    findings,
    tiers,
    listenings,
    st.sampled_from(sorted(Severity)[1:]),
    st.sampled_from(sorted(Severity)[1:]),
)
def test_a_higher_severity_never_lowers_the_priority(
    about: Finding, tier: Tier, listening: Listening, one: Severity, other: Severity
) -> None:
    assert rank(replace(about, severity=max(one, other)), tier, listening) <= rank(
        replace(about, severity=min(one, other)), tier, listening
    )


@given(findings, tiers)
def test_a_process_that_listens_or_may_listen_never_lowers_the_priority(
    about: Finding, tier: Tier
) -> None:
    reached, unknown, unreached = (
        rank(about, tier, listening)
        for listening in (Listening(reachable=True), Listening(None), Listening(reachable=False))
    )
    assert reached <= unknown <= unreached


@given(findings, tiers, listenings)
def test_every_priority_says_why_in_its_last_words(
    about: Finding, tier: Tier, listening: Listening
) -> None:
    judged = judge(about, Proof(tier, "package", doubt="because"), listening)
    assert judged.reasons[-1].startswith(f"{judged.priority.value}: ")
    assert all(judged.reasons)
    assert ("EPSS unknown" in judged.reasons) == (about.epss is None)
    assert ("severity unknown" in judged.reasons) == (about.severity is Severity.UNKNOWN)


@given(st.lists(items), st.randoms(use_true_random=False))
def test_the_order_is_total(some: list[Triaged], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [urgency(item) for item in sorted(shuffled, key=urgency)] == [
        urgency(item) for item in sorted(some, key=urgency)
    ]


@given(items, st.sampled_from(list(TIERS)), st.sampled_from(list(SEVERITIES)))
def test_a_gate_passes_only_what_is_known_to_be_harmless(
    item: Triaged, tier: str, severity: str
) -> None:
    passed = not crossed([item], parse_fail_on([f"{tier}-{severity}"]), PROFILED, FEEDS)
    weaker = item.tier in TIER_ORDER[TIER_ORDER.index(TIERS[tier]) + 1 :]
    if SEVERITIES[severity] is Severity.UNKNOWN:
        other = item.finding.severity is not Severity.UNKNOWN
    elif item.finding.severity is Severity.UNKNOWN:
        raised = item.finding.epss is not None and item.finding.epss.score >= EPSS_RAISED
        other = (
            item.finding.kev is None and not raised
        )  # no severity rating: it passes, and is told aloud, unless it is exploited
    else:
        other = item.finding.severity < SEVERITIES[severity]
    assert passed == (weaker or other)


@given(st.lists(items, max_size=6), items, words)
def test_another_finding_never_opens_a_gate(some: list[Triaged], more: Triaged, word: str) -> None:
    conditions = parse_fail_on([word])
    if crossed(some, conditions, PROFILED, FEEDS):
        assert crossed([*some, more], conditions, PROFILED, FEEDS)


@given(
    st.lists(items, max_size=8),
    st.booleans(),
    st.frozensets(st.sampled_from(Severity)),
    st.lists(words, max_size=2),
)
def test_what_is_not_listed_is_counted(
    some: list[Triaged], unfixed: bool, severities: frozenset[Severity], only: list[str]
) -> None:
    selection = Selection(
        unfixed, severities, tuple(parse_conditions(word, "--only") for word in only)
    )
    chosen = select(some, selection, PROFILED)
    hidden = sum(int(note.removeprefix("not listed: ").split()[0]) for note in chosen.notes)
    assert len(chosen.listed) + hidden == len(some)


@given(st.text())
def test_any_text_as_a_condition_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        parse_fail_on([text])
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 — either outcome is right


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_as_an_ignore_file_are_read_or_refused_with_the_line(data: bytes) -> None:
    try:
        rules = parse_ignore_file(data, "f")
    except ConfigError as error:
        assert str(error).startswith("f:")  # noqa: PT017 — either outcome is right
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(rule.reason for rule in rules)


@given(st.text() | st.text(alphabet="CVSS:3.14/AVNLPRUIHX", max_size=60))
def test_any_text_as_a_vector_is_read_or_says_nothing(text: str) -> None:
    reach = reach_of(text)
    assert reach is None or text.startswith(("CVSS:3", "CVSS:4", "AV:", "AC:", "Au:"))
