"""Whatever is on offer: never down, never a major version that is not allowed, and what is said to
be closed is closed.
"""

from hypothesis import given
from hypothesis import strategies as st

from careen.formats.versions import scheme_of_packages
from careen.formats.versions.lines import is_major, is_pre_release
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, Reach
from careen.patch.closing import closed_by
from careen.patch.targets import admits, choose

KINDS = st.sampled_from(
    [
        Ecosystem.PYPI,
        Ecosystem.NPM,
        Ecosystem.MAVEN,
        Ecosystem.DEB,
        Ecosystem.APK,
        Ecosystem.RPM,
        Ecosystem.CONDA,
    ]
)
SMALL = st.integers(0, 3)
VERSIONS = st.builds(lambda a, b, c: f"{a}.{b}.{c}", SMALL, SMALL, SMALL)
FIXES = st.dictionaries(
    st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]),
    st.lists(VERSIONS, min_size=1, max_size=3, unique=True),
    min_size=1,
)
LIMITS = st.sampled_from(["", "<2", "<=1.2.3", "<3,!=1.1.1"])


@given(
    KINDS,
    VERSIONS,
    FIXES,
    st.lists(VERSIONS, max_size=12),
    st.tuples(st.sampled_from(Reach), st.booleans()),
    LIMITS,
)
def test_a_choice_keeps_its_word(
    kind: Ecosystem,
    installed: str,
    named: dict[str, list[str]],
    offered: list[str],
    how: tuple[Reach, bool],
    limit: str,
) -> None:
    reach, major = how
    scheme = scheme_of_packages(kind)
    assert scheme is not None
    fixes = {
        finding: tuple(sorted(versions, key=scheme.key)) for finding, versions in named.items()
    }
    aim = Aim("pkg:x/x@1", "x", installed, kind, fixes, limit=limit)
    choice = choose(aim, offered, reach, allow_major=major)
    assert sorted(
        (*choice.closes, *(finding for left in choice.left for finding in left.findings))
    ) == sorted(fixes)
    assert choice == choose(aim, list(reversed(offered)), reach, allow_major=major)
    if not choice.version:
        assert choice.closes == ()
        return
    assert choice.version in offered
    assert scheme.compare(choice.version, installed) > 0
    assert major or not is_major(kind, installed, choice.version)
    assert not is_pre_release(kind, choice.version)
    assert admits(aim, choice.version)
    assert choice.closes
    assert set(choice.closes) == closed_by(aim, choice.version, scheme)
    others = [
        each
        for each in offered
        if scheme.compare(each, installed) > 0
        and admits(aim, each)
        and (major or not is_major(kind, installed, each))
    ]
    assert max(len(closed_by(aim, each, scheme)) for each in others) == len(choice.closes)
    minimal = choose(aim, offered, Reach.MINIMAL, allow_major=major)
    assert minimal.closes == choice.closes or len(minimal.closes) == len(choice.closes)
    assert scheme.compare(minimal.version, choice.version) <= 0


@given(
    st.dictionaries(SMALL, st.integers(1, 4), min_size=1), SMALL, st.integers(0, 6), st.booleans()
)
def test_no_version_of_a_vulnerable_line_counts_as_fixed(
    fixed: dict[int, int], major: int, patch: int, minors: bool
) -> None:
    """Lines that are all vulnerable up to the fix of each, as advisories have them: by major
    versions, or by minor ones.
    """
    fixes = tuple(
        f"1.{each}.{fixed[each]}" if minors else f"{each}.{fixed[each]}" for each in sorted(fixed)
    )
    version = f"1.{major}.{patch}" if minors else f"{major}.{patch}"
    aim = Aim("pkg:pypi/x@0", "x", "0", Ecosystem.PYPI, {"CVE-1": fixes})
    scheme = scheme_of_packages(Ecosystem.PYPI)
    assert scheme is not None
    truly = patch >= fixed[major] if major in fixed else major > max(fixed)
    if closed_by(aim, version, scheme):
        assert truly
    elif truly:
        raise AssertionError(version)
