"""Search for a set of versions that resolves and closes the most findings.

It tries all aims at once, else as many as possible, and reports what blocks the rest.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packaging.version import Version

from careen.formats.versions.lines import FIRST_YEAR
from careen.model.packages.package import Package
from careen.model.patching import Aim, BlockReason, Reach
from careen.patch.limit import parse_limit
from careen.patch.python.carried import Copy, VendoringCandidate, beyond_major, carriers, copies_of
from careen.patch.python.environments import Dist, Environment
from careen.patch.python.index import Index, Offer
from careen.patch.python.probe import Interpreter
from careen.patch.python.questions import Question, Refusal, Resolver
from careen.patch.python.requirements import (
    Installed,
    allows,
    installed_of,
    needed,
    objections,
    problems,
    requirements,
    version_of,
)
from careen.patch.python.targets import (
    MAX_CANDIDATE_SETS,
    Candidate,
    CandidateSet,
    Field,
    Limits,
    Obstacle,
    by_version,
)
from careen.patch.sandbox import Sandbox

MAX_QUESTIONS = 150
"""Questions to the resolver for one environment; a run without conflicts takes one."""

MAX_BLOCKING = 50
"""Distributions that may move to make room for an upgrade."""


_TAIL = re.compile(r", (?:and|which) .*")


@dataclass(frozen=True, slots=True)
class Move:
    """A distribution that changes.

    `old` can be None (newly installed), and `aim` too (it only moves along). `after` is its new
    metadata, `copies` the vendored copies that it carries.
    """

    name: str
    old: Dist | None
    offer: Offer
    aim: Aim | None
    closes: tuple[str, ...]
    after: Installed
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of planning; `blocked` maps an aim's purl to its open findings and their reasons.

    `beyond` are the new major versions, by name, of what carries copies with open findings.
    """

    moves: tuple[Move, ...]
    blocked: Mapping[str, Mapping[str, Obstacle]]
    questions: int
    beyond: Mapping[str, VendoringCandidate] = field(default_factory=dict)


@dataclass(slots=True)
class Planner:
    """Planner for one environment; it is used once."""

    environment: Environment
    interpreter: Interpreter
    index: Index
    resolver: Resolver
    limits: Limits
    sandbox: Sandbox
    inner: Mapping[str, Sequence[Aim]] = field(default_factory=dict)
    """Aims at vendored copies, by the name of the distribution that carries them."""
    # the default ignores its arguments
    forbids: Callable[[Package, str], bool] = lambda package, version: False  # noqa: ARG005
    """Whether the user forbids a package to move to a version."""
    bound: Callable[[Package], str | None] = lambda package: ""  # noqa: ARG005 — a default
    """The user's limit for a package that moves along, "" for none; None if it must stay."""
    questions: int = 0
    _installed: dict[str, Installed] = field(default_factory=dict)
    _own: dict[str, Dist] = field(default_factory=dict)
    _broken: frozenset[str] = frozenset()
    _words: dict[str, str] = field(default_factory=dict)
    _near: dict[str, Installed | None] = field(default_factory=dict)

    def plan(self, aims: Sequence[tuple[Aim, Dist]]) -> Outcome:
        """Return what moves and what stays.

        Every finding of every aim is in `closes` of a move or in `blocked`.
        """
        for dist in (*self.environment.dists.values(), *self.environment.base):
            self._installed.setdefault(dist.name, dist.installed)
            self._own.setdefault(dist.name, dist)
        self._broken = problems(self._installed.values(), self.interpreter.markers)
        others = [
            other
            for other in self._installed.values()
            if other.name not in {dist.name for _, dist in aims}
        ]
        fields = {aim.purl: self._field(aim, dist, others) for aim, dist in aims}
        ladders = {aim.purl: self._rungs(fields[aim.purl], dist) for aim, dist in aims}
        changes = self._settle([(aim, dist) for aim, dist in aims if ladders[aim.purl]], ladders)
        moves = self._moves(changes, aims, fields)
        after = {**self._installed, **{move.name: move.after for move in moves}}
        blocked: dict[str, dict[str, Obstacle]] = {}
        for aim, dist in aims:
            done = {finding for move in moves if move.aim is aim for finding in move.closes}
            for finding in sorted(set(aim.fixes) - done):
                blocked.setdefault(aim.purl, {})[finding] = self._why(
                    fields[aim.purl], dist, finding, ladders[aim.purl], after
                )
        return Outcome(moves, blocked, self.questions, self._beyond(aims, fields, moves))

    def _beyond(
        self,
        aims: Sequence[tuple[Aim, Dist]],
        fields: Mapping[str, Field],
        moves: Sequence[Move],
    ) -> Mapping[str, VendoringCandidate]:
        """Return what new major versions carry of the copies that are left, by their owners."""
        closed = {
            (copy.aim.purl, finding)
            for move in moves
            for copy in move.copies
            for finding in copy.closes
        }
        out: dict[str, VendoringCandidate] = {}
        for aim, dist in aims:
            inner = self.inner.get(dist.name, ())
            if any((each.purl, finding) not in closed for each in inner for finding in each.fixes):
                found = beyond_major(fields[aim.purl], inner, self.index)
                if found is not None:
                    out[dist.name] = found
        return out

    def _rungs(self, owner: Field, dist: Dist) -> tuple[CandidateSet, ...]:
        inner = self.inner.get(dist.name, ())
        best = carriers(owner, inner, self.index)[:1] if inner else ()
        return (
            *(CandidateSet(each.candidate, (each.candidate,)) for each in best),
            *owner.candidate_sets(),
        )[:MAX_CANDIDATE_SETS]

    def _field(self, aim: Aim, dist: Dist, others: Sequence[Installed]) -> Field:
        """Return the offers for an aim, and which of them other distributions do not allow."""
        offered = by_version(self.index.offers(dist.name))
        # An objection that the installed version meets already does not count.
        before = {
            words
            for _, words in objections(
                others, dist.name, dist.installed.version, self.interpreter.markers
            )
        }
        forbidden: dict[Version, str] = {}
        yielding: set[Version] = set()
        here = version_of(dist.installed.version)
        for version in offered:
            if here is None or version <= here:
                continue
            new = [
                each
                for each in objections(others, dist.name, str(version), self.interpreter.markers)
                if each[1] not in before
            ]
            if new:
                forbidden[version] = new[0][1]
                if all(self._yields(other, dist.name, version) for other, _ in new):
                    yielding.add(version)
        return Field(aim, offered, self.limits, forbidden, frozenset(yielding))

    def _yields(self, other: Installed, name: str, version: Version) -> bool:
        """Return whether the newest version that `other` may move to allows a version."""
        newest = self._newest_near(other)
        return newest is not None and not objections(
            [newest], name, str(version), self.interpreter.markers
        )

    def _newest_near(self, other: Installed) -> Installed | None:
        if other.name not in self._near:
            here, limit = version_of(other.version), self._ceiling(other.version)
            found = None
            if here is not None and limit is not None and self._is_own(other.name):
                offered = by_version(self.index.offers(other.name))
                near = (
                    version
                    for version in reversed(offered)
                    if _near(here, version, limit) and not self._forbidden(other.name, version)
                )
                fitting = (
                    wheel
                    for version in near
                    if (wheel := self.limits.wheel(offered[version])) is not None
                )
                offer = next(fitting, None)
                found = self._after(offer) if offer is not None else None
            self._near[other.name] = found
        return self._near[other.name]

    def _forbidden(self, name: str, version: Version) -> bool:
        return name in self._own and self.forbids(self._own[name].package, str(version))

    def _is_own(self, name: str) -> bool:
        """Return whether this environment may change a distribution."""
        mine = self._own[name]
        return not mine.foreign and mine.package.purl in self.environment.dists

    def _line(self, installed: str) -> Version | None:
        """Return the end of the installed version's X.Y line, or None if it must stay."""
        version = version_of(installed)
        if (
            version is None
            or version.local is not None
            or self.limits.choices.reach is Reach.MINIMAL
        ):
            return None
        first, second = (*version.release, 0)[:2]
        return Version(f"{version.epoch}!{first}.{second + 1}")

    def _ceiling(self, installed: str) -> Version | None:
        """Return the end of the installed version's major version, or None if it must stay."""
        version = version_of(installed)
        return (
            self._major(version)
            if version is not None and self._line(installed) is not None
            else None
        )

    def _major(self, version: Version) -> Version:
        """Return the end of a major version, or of the epoch if majors do not matter."""
        # Versions that begin with a year have no major version.
        if self.limits.choices.allow_major or version.release[0] >= FIRST_YEAR:
            return Version(f"{version.epoch + 1}!0")
        return Version(f"{version.epoch}!{version.release[0] + 1}")

    def _settle(
        self, aims: Sequence[tuple[Aim, Dist]], ladders: Mapping[str, tuple[CandidateSet, ...]]
    ) -> Mapping[str, Version]:
        """Return everything that changes.

        Tries all aims at the reach's versions, then all at the lowest versions that close as much.
        Else it adds the aims one by one, as many as resolve. Versions then rise as far as they can.
        """
        first = {dist.name: ladders[aim.purl][0] for aim, dist in aims}
        if not first:
            return {}
        if (found := self._try({name: rung.pinned for name, rung in first.items()})) is not None:
            return found
        if (found := self._try(first)) is not None:
            return self._raised_to_goal(first, found)
        accepted: dict[str, CandidateSet] = {}
        changes: Mapping[str, Version] = {}
        for aim, dist in sorted(
            aims, key=lambda each: (-len(ladders[each[0].purl][0].best.closes), each[1].name)
        ):
            for rung in ladders[aim.purl]:
                trial = {**accepted, dist.name: rung}
                found = self._try(trial)
                if found is None:  # retry with the aims that it conflicts with or needs
                    holding = {
                        other.name
                        for other, _ in objections(
                            self._installed.values(),
                            dist.name,
                            str(rung.best.version),
                            self.interpreter.markers,
                        )
                    }
                    wanting = set(needed(self._after(rung.best.offer), self.interpreter.markers))
                    trial |= {
                        name: first[name]
                        for name in (holding | wanting) & set(first)
                        if name not in trial
                    }
                    found = self._try(trial) if len(trial) > len(accepted) + 1 else None
                if found is not None:
                    accepted, changes = trial, found
                    break
        return self._raised_to_goal(accepted, changes) if accepted else {}

    def _raised_to_goal(
        self, candidate_sets: Mapping[str, CandidateSet], found: Mapping[str, Version]
    ) -> Mapping[str, Version]:
        """Raise the aims to the reach's versions: all together, else one after the other."""
        best = {name: self._goal(rung, found[name]) for name, rung in candidate_sets.items()}
        here = {
            name: CandidateSet(each, (each,))
            for name, rung in candidate_sets.items()
            if (each := rung.at(found[name])) is not None
        }
        apart = [name for name in sorted(best) if best[name].version != found[name]]
        if not apart:
            return found
        if (
            further := self._try({name: CandidateSet(each, (each,)) for name, each in best.items()})
        ) is not None:
            return further
        for name in apart:
            trial = {**here, name: CandidateSet(best[name], (best[name],))}
            if (further := self._try(trial)) is not None:
                here, found = trial, further
        return found

    def _goal(self, rung: CandidateSet, version: Version) -> Candidate:
        match self.limits.choices.reach:
            case Reach.SECURITY:
                return rung.newest_in_line(version)
            case Reach.LATEST:
                return rung.best
            case Reach.MINIMAL:
                return rung.at(version) or rung.best

    def _try(self, trial: Mapping[str, CandidateSet]) -> Mapping[str, Version] | None:
        """Return the changes for a trial, or None if it does not resolve.

        Asks with more freedom each time. First nothing else may move, then dependencies, then
        blocking distributions within their line. Last, blocking distributions and their
        dependencies may move as far as major versions allow.
        """
        if (found := self._asked(trial, {})) is not None:
            return found
        loose = self._free(trial, [after for rung in trial.values() for after in self._ends(rung)])
        if loose and (found := self._asked(trial, loose)) is not None:
            return found
        ways = self._blocking(trial)
        near = {
            name: limit
            for name in ways
            if (limit := self._line(self._installed[name].version)) is not None
        }
        if near and (found := self._asked(trial, {**loose, **near})) is not None:
            return found
        far = {
            name: limit
            for name in ways
            if (limit := self._ceiling(self._installed[name].version)) is not None
        }
        below = self._free(trial, list(ways.values()))
        if not far or ({**loose, **below, **far} == {**loose, **near}):
            return None
        found = self._asked(trial, {**loose, **below, **far})
        return self._without_extra_moves(trial, found) if found is not None else None

    def _ends(self, rung: CandidateSet) -> tuple[Installed, ...]:
        """Return the metadata of the lowest version and of the reach's version."""
        return tuple(
            {offer: self._after(offer) for offer in (rung.all[0].offer, rung.best.offer)}.values()
        )

    def _blocking(self, trial: Mapping[str, CandidateSet]) -> Mapping[str, Installed]:
        """Return the blocking distributions, each at the newest version that it may move to.

        Includes those that block these versions in turn.
        """
        out: dict[str, Installed] = {}
        todo = [after for rung in trial.values() for after in self._ends(rung)]
        while todo and len(out) < MAX_BLOCKING:
            after = todo.pop()
            for other, _ in objections(
                self._installed.values(), after.name, after.version, self.interpreter.markers
            ):
                newest = (
                    self._newest_near(other)
                    if other.name not in trial and other.name not in out
                    else None
                )
                if newest is not None:
                    out[other.name] = newest
                    todo.append(newest)
        return out

    def _free(
        self, trial: Mapping[str, CandidateSet], needing: Sequence[Installed]
    ) -> dict[str, Version]:
        """Return the direct and indirect dependencies, each with the end of its major version."""
        return {
            name: self._major(version)
            for name in self._below(needing)
            if name not in trial and (version := self._version(name)) is not None
        }

    def _without_extra_moves(
        self, trial: Mapping[str, CandidateSet], found: Mapping[str, Version]
    ) -> Mapping[str, Version]:
        """Return an answer without unnecessary moves."""
        state = self._state(trial, found)
        if state is None:
            return found
        # A resolver that had to try may have moved more than needed.
        kept = dict(found)
        for name in sorted(set(found) & set(self._installed) - set(trial)):
            without = {**state, name: self._installed[name]}
            if problems(without.values(), self.interpreter.markers) <= problems(
                state.values(), self.interpreter.markers
            ):
                state = without
                del kept[name]
        if len(kept) == len(found):
            return found
        pins = {
            name: candidate
            for name, rung in trial.items()
            if (candidate := rung.at(found[name])) is not None
        }
        moved = {
            name: version
            for name, version in kept.items()
            if name not in trial and name in self._installed
        }
        exact = self._asked(
            {name: CandidateSet(each, (each,)) for name, each in pins.items()}, {}, moved
        )
        return exact if exact is not None else found

    def _version(self, name: str) -> Version | None:
        return version_of(self._installed[name].version)

    def _below(self, needing: Sequence[Installed]) -> set[str]:
        """Return the installed distributions that these need directly or indirectly."""
        todo, seen = (
            [name for each in needing for name in needed(each, self.interpreter.markers)],
            set[str](),
        )
        while todo:
            name = todo.pop()
            if name in seen or name not in self._installed:
                continue
            seen.add(name)
            todo.extend(needed(self._installed[name], self.interpreter.markers))
        return {name for name in seen if self._is_own(name)}

    def _asked(
        self,
        trial: Mapping[str, CandidateSet],
        loose: Mapping[str, Version],
        pinned: Mapping[str, Version] | None = None,
    ) -> Mapping[str, Version] | None:
        """Ask once: `loose` may move below these versions, `pinned` must be exactly these."""
        if self.questions >= MAX_QUESTIONS:
            return None
        self.questions += 1
        lines = [rung.requirement(name) for name, rung in sorted(trial.items())]
        exact = pinned or {}
        for name, installed in sorted(self._installed.items()):
            version = exact.get(name) or version_of(installed.version)
            if (
                name in trial
                or version is None
                # No resolver could accept it as it is.
                or (name not in exact and self._is_broken(installed))
            ):
                continue
            room = self._room(name) if name in loose and version.local is None else None
            lines.append(
                f"{name}=={version}" if room is None else f"{name}>={version},<{loose[name]}{room}"
            )
        answer = self.resolver.ask(Question(tuple(lines)), self.sandbox)
        if isinstance(answer, Refusal):
            for name in trial:
                self._words[name] = answer.words
            return None
        return answer.changes if self._is_acceptable(answer.changes, trial, loose, exact) else None

    def _room(self, name: str) -> str | None:
        """Return what the user's limit adds to a requirement, or None if the distribution stays."""
        limit = self.bound(self._own[name].package)
        if limit is None:
            return None
        parts = (
            f"{operator}{bound}"
            for operator, bound in parse_limit(limit).parts
            if version_of(bound) is not None
        )
        return "".join(f",{part}" for part in parts)

    def _is_broken(self, dist: Installed) -> bool:
        """Return whether its own requirements were unmet before any change."""
        return any(
            sentence.startswith(f"{dist.name} {dist.version} requires ")
            for sentence in self._broken
        )

    def _is_acceptable(
        self,
        changes: Mapping[str, Version],
        trial: Mapping[str, CandidateSet],
        loose: Mapping[str, Version],
        pinned: Mapping[str, Version],
    ) -> bool:
        """Return whether an answer changes only what it may, to usable wheels, and breaks none."""
        for name, version in changes.items():
            if name in trial or pinned.get(name) == version:
                continue
            old = version_of(self._installed[name].version) if name in self._installed else None
            if name in self._installed and (
                name not in loose or old is None or not _near(old, version, loose[name])
            ):
                return self._no(trial, f"it would change {name} to {version}")
            if self._forbidden(name, version):
                return self._no(
                    trial, f"it needs {name} {version}, which is held, excluded or beyond a limit"
                )
            if self._wheel(name, version) is None:
                return self._no(trial, f"it needs {name} {version}, which has no usable wheel")
        after = self._state(trial, changes)
        if after is None:
            return False
        new = [
            each
            for each in sorted(problems(after.values(), self.interpreter.markers) - self._broken)
            if not _was_unmet(each, self._broken)
        ]
        return self._no(trial, new[0]) if new else True

    def _state(
        self, trial: Mapping[str, CandidateSet], changes: Mapping[str, Version]
    ) -> dict[str, Installed] | None:
        """Return what would be installed.

        Returns None if an answer omits an aim or takes a version that was not offered.
        """
        after = dict(self._installed)
        for name, rung in trial.items():
            if name not in changes or rung.at(changes[name]) is None:
                return None
        for name, version in changes.items():
            candidate = trial[name].at(version) if name in trial else None
            offer = candidate.offer if candidate is not None else self._wheel(name, version)
            if offer is not None:
                after[name] = self._after(offer)
        return after

    def _no(self, trial: Mapping[str, CandidateSet], words: str) -> bool:
        for name in trial:
            self._words[name] = words
        return False

    def _wheel(self, name: str, version: Version) -> Offer | None:
        return self.limits.wheel(
            offer for offer in self.index.offers(name) if offer.version == version
        )

    def _after(self, offer: Offer) -> Installed:
        return installed_of(offer.name, str(offer.version), self.index.metadata(offer))

    def _moves(
        self,
        changes: Mapping[str, Version],
        aims: Sequence[tuple[Aim, Dist]],
        fields: Mapping[str, Field],
    ) -> tuple[Move, ...]:
        by_name = {dist.name: aim for aim, dist in aims}
        out: list[Move] = []
        for name, version in sorted(changes.items()):
            offer, aim = self._wheel(name, version), by_name.get(name)
            if offer is None:
                continue
            offer = replace(offer, sha256=self.index.digest(offer))
            closes = fields[aim.purl].closes(version) if aim is not None else ()
            inner = self.inner.get(name, ())
            copies = (
                copies_of(Candidate(version, offer, closes), inner, self.index) if inner else ()
            )
            out.append(
                Move(name, self._own.get(name), offer, aim, closes, self._after(offer), copies)
            )
        return tuple(out)

    def _why(
        self,
        field_: Field,
        dist: Dist,
        finding: str,
        ladder: tuple[CandidateSet, ...],
        after: Mapping[str, Installed],
    ) -> Obstacle:
        for rung in ladder:
            if finding in rung.best.closes:
                return self._held_back(dist, rung.best, after)
        if not field_.offered:
            return Obstacle(
                BlockReason.UNAVAILABLE, f"{self.index.origin} does not know {dist.name}"
            )
        return field_.why(finding)

    def _held_back(self, dist: Dist, choice: Candidate, after: Mapping[str, Installed]) -> Obstacle:
        """Return what blocks a version that could be taken by itself."""
        against = objections(
            after.values(), dist.name, str(choice.version), self.interpreter.markers
        )
        if against:
            return Obstacle(BlockReason.PINNED, against[0][1])
        for name, requirement in requirements(self._after(choice.offer), self.interpreter.markers):
            other = after.get(name)
            if other is not None and not allows(requirement, other.version):
                return Obstacle(
                    BlockReason.PINNED,
                    f"{dist.name} {choice.version} requires {name}{requirement.specifier}, and"
                    f" {name} {other.version} cannot go there",
                )
        return Obstacle(
            BlockReason.PINNED,
            self._words.get(dist.name, "the resolver finds no set of versions with it"),
        )


def groups(
    moves: Iterable[Move], installed: Mapping[str, Installed], markers: Mapping[str, str]
) -> Mapping[str, str]:
    """Return for each name that moves the first name of its group.

    Two belong to one group if the new version of one does not work with the old version of the
    other.
    """
    all_moves = {move.name: move for move in moves}
    root = {name: name for name in all_moves}

    def top(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for move in all_moves.values():
        for after, versions in ((move.after, "old"), (installed.get(move.name), "new")):
            for name, requirement in requirements(after, markers) if after is not None else ():
                other = all_moves.get(name)
                if other is None or name == move.name:
                    continue
                before = installed.get(name)
                wrong = (
                    (before is None or not allows(requirement, before.version))
                    if versions == "old"
                    else not allows(requirement, str(other.offer.version))
                )
                if wrong:
                    first, second = sorted((top(move.name), top(name)))
                    root[second] = first
    return {name: top(name) for name in all_moves}


def _near(here: Version, version: Version, limit: Version) -> bool:
    return (
        here < version < limit
        and (here.is_prerelease or not version.is_prerelease)
        and version.local == here.local
    )


def _was_unmet(sentence: str, before: frozenset[str]) -> bool:
    """Return whether the same requirement was unmet before, by another version."""
    return _TAIL.sub("", sentence) in {_TAIL.sub("", old) for old in before}
