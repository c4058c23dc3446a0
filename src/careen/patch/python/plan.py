"""From aims to a set of versions that resolves: all at once if that goes, else as many as go, and who stands in the way of the rest."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packaging.version import Version

from careen.model.patching import Aim, Barrier, Reach
from careen.patch.bench import Bench
from careen.patch.python.environments import Dist, Environment
from careen.patch.python.index import Index, Offer
from careen.patch.python.probe import Interpreter
from careen.patch.python.questions import Question, Refusal, Resolver
from careen.patch.python.requirements import Installed, allows, installed_of, needed, objections, problems, requirements, version_of
from careen.patch.python.targets import Candidate, Field, Hurdle, Limits, by_version

MAX_QUESTIONS = 150
"""Questions to the resolver for one environment; a run without conflicts takes one."""


_TAIL = re.compile(r", (?:and|which) .*")


@dataclass(frozen=True, slots=True)
class Move:
    """A distribution that changes: `old` is None for one that is pulled in. `aim` is None for one that only moves along; `after` is what it says of itself."""

    name: str
    old: Dist | None
    offer: Offer
    aim: Aim | None
    closes: tuple[str, ...]
    after: Installed


@dataclass(frozen=True, slots=True)
class Outcome:
    """`blocked` maps the purl of an aim to its findings that stay, each with the reason."""

    moves: tuple[Move, ...]
    blocked: Mapping[str, Mapping[str, Hurdle]]
    questions: int


@dataclass(slots=True)
class Planner:
    """One environment, one pass."""

    environment: Environment
    interpreter: Interpreter
    index: Index
    resolver: Resolver
    limits: Limits
    bench: Bench
    questions: int = 0
    _installed: dict[str, Installed] = field(default_factory=dict)
    _own: dict[str, Dist] = field(default_factory=dict)
    _broken: frozenset[str] = frozenset()
    _words: dict[str, str] = field(default_factory=dict)
    _near: dict[str, Installed | None] = field(default_factory=dict)

    def plan(self, aims: Sequence[tuple[Aim, Dist]]) -> Outcome:
        """Return what moves and what stays. Every finding of every aim is in `closes` of a move or in `blocked`."""
        for dist in (*self.environment.dists.values(), *self.environment.base):
            self._installed.setdefault(dist.name, dist.installed)
            self._own.setdefault(dist.name, dist)
        self._broken = problems(self._installed.values(), self.interpreter.markers)
        others = [other for other in self._installed.values() if other.name not in {dist.name for _, dist in aims}]
        fields = {aim.purl: self._field(aim, dist, others) for aim, dist in aims}
        ladders = {purl: each.candidates() for purl, each in fields.items()}
        chosen = self._settle([(aim, dist) for aim, dist in aims if ladders[aim.purl]], ladders)
        moves = self._moves(chosen, aims)
        blocked: dict[str, dict[str, Hurdle]] = {}
        for aim, dist in aims:
            done = {finding for move in moves if move.aim is aim for finding in move.closes}
            for finding in sorted(set(aim.fixes) - done):
                blocked.setdefault(aim.purl, {})[finding] = self._why(fields[aim.purl], dist, finding, ladders[aim.purl])
        return Outcome(moves, blocked, self.questions)

    def _field(self, aim: Aim, dist: Dist, others: Sequence[Installed]) -> Field:
        """What is offered, without what an installed distribution that does not move has no room for, unless it has none for the installed version either."""
        offered = by_version(self.index.offers(dist.name))
        before = {words for _, words in objections(others, dist.name, dist.installed.version, self.interpreter.markers)}
        forbidden: dict[Version, str] = {}
        yielding: set[Version] = set()
        here = version_of(dist.installed.version)
        for version in offered:
            if here is None or version <= here:
                continue
            new = [each for each in objections(others, dist.name, str(version), self.interpreter.markers) if each[1] not in before]
            if new:
                forbidden[version] = new[0][1]
                if all(self._yields(other, dist.name, version) for other, _ in new):
                    yielding.add(version)
        return Field(aim, offered, self.limits, forbidden, frozenset(yielding))

    def _yields(self, other: Installed, name: str, version: Version) -> bool:
        """Whether a distribution that has no room for a version has it in the newest version that it may move to."""
        newest = self._newest_near(other)
        return newest is not None and not objections([newest], name, str(version), self.interpreter.markers)

    def _newest_near(self, other: Installed) -> Installed | None:
        if other.name not in self._near:
            here, limit = version_of(other.version), self._ceiling(other.version)
            mine = self._own[other.name]
            found = None
            if here is not None and limit is not None and not mine.foreign and mine.package.purl in self.environment.dists:
                offered = by_version(self.index.offers(other.name))
                fitting = (wheel for version in reversed(offered) if _near(here, version, limit) and (wheel := self.limits.wheel(offered[version])) is not None)
                offer = next(fitting, None)
                found = self._after(offer) if offer is not None else None
            self._near[other.name] = found
        return self._near[other.name]

    def _ceiling(self, installed: str) -> Version | None:
        """Below which version a distribution stays that moves only to make room: its line's end, its major version's for the reach LATEST; None: it stays."""
        version = version_of(installed)
        if version is None or version.local is not None:
            return None
        match self.limits.choices.reach:
            case Reach.MINIMAL:
                return None
            case Reach.SECURITY:
                first, second = (*version.release, 0)[:2]
                return Version(f"{version.epoch}!{first}.{second + 1}")
            case Reach.LATEST:
                return Version(_next_major(version))

    def _settle(self, aims: Sequence[tuple[Aim, Dist]], ladders: Mapping[str, tuple[Candidate, ...]]) -> dict[str, tuple[Candidate, Mapping[str, Version]]]:
        """Return the choice for each aim's name, with everything that changes."""
        first = {dist.name: ladders[aim.purl][0] for aim, dist in aims}
        if not first:
            return {}
        if (all_changes := self._try(first)) is not None:
            return {name: (choice, all_changes) for name, choice in first.items()}
        accepted: dict[str, Candidate] = {}
        changes: Mapping[str, Version] = {}
        for aim, dist in sorted(aims, key=lambda each: (-len(ladders[each[0].purl][0].closes), each[1].name)):
            for choice in ladders[aim.purl]:
                trial = {**accepted, dist.name: choice}
                found = self._try(trial)
                if found is None:  # perhaps with the aims that hold it back, at their own first choice
                    holding = {other.name for other, _ in objections(self._installed.values(), dist.name, str(choice.version), self.interpreter.markers)}
                    wanting = set(needed(self._after(choice.offer), self.interpreter.markers))
                    trial |= {name: first[name] for name in (holding | wanting) & set(first) if name not in trial}
                    found = self._try(trial) if len(trial) > len(accepted) + 1 else None
                if found is not None:
                    accepted, changes = trial, found
                    break
        return {name: (choice, changes) for name, choice in accepted.items()}

    def _try(self, trial: Mapping[str, Candidate]) -> Mapping[str, Version] | None:
        """Ask with everything else as it is, then with what the aims depend on free to move within its major version, last with those that stand in the way
        free to move within their line.
        """
        fixed = self._asked(trial, {})
        if fixed is not None:
            return fixed
        loose = {name: _next_major(version) for choice in trial.values() for name in self._below(choice) if (version := self._version(name)) is not None}
        loose = {name: limit for name, limit in loose.items() if name not in trial}
        found = self._asked(trial, loose) if loose else None
        if found is not None:
            return found
        ways = {
            other.name: str(limit)
            for name, choice in trial.items()
            for other, _ in objections(self._installed.values(), name, str(choice.version), self.interpreter.markers)
            if other.name not in trial and self._yields(other, name, choice.version) and (limit := self._ceiling(other.version)) is not None
        }
        return self._asked(trial, {**loose, **ways}) if ways else None

    def _version(self, name: str) -> Version | None:
        return version_of(self._installed[name].version)

    def _below(self, choice: Candidate) -> set[str]:
        """The installed distributions that a version depends on, at whatever distance."""
        todo, seen = list(needed(self._after(choice.offer), self.interpreter.markers)), set[str]()
        while todo:
            name = todo.pop()
            if name in seen or name not in self._installed:
                continue
            seen.add(name)
            todo.extend(needed(self._installed[name], self.interpreter.markers))
        return {name for name in seen if not self._own[name].foreign and self._own[name].package.purl in self.environment.dists}

    def _asked(self, trial: Mapping[str, Candidate], loose: Mapping[str, str]) -> Mapping[str, Version] | None:
        if self.questions >= MAX_QUESTIONS:
            return None
        self.questions += 1
        lines = [f"{name}=={choice.version}" for name, choice in sorted(trial.items())]
        for name, installed in sorted(self._installed.items()):
            version = version_of(installed.version)
            if name in trial or version is None or self._is_broken(installed):
                continue
            lines.append(f"{name}>={version},<{loose[name]}" if name in loose and version.local is None else f"{name}=={version}")
        answer = self.resolver.ask(Question(tuple(lines)), self.bench)
        if isinstance(answer, Refusal):
            for name in trial:
                self._words[name] = answer.words
            return None
        return answer.changes if self._may(answer.changes, trial, loose) else None

    def _is_broken(self, dist: Installed) -> bool:
        """Whether its own requirements are unmet before anything is done: no resolver could take it as it is."""
        return any(sentence.startswith(f"{dist.name} {dist.version} requires ") for sentence in self._broken)

    def _may(self, changes: Mapping[str, Version], trial: Mapping[str, Candidate], loose: Mapping[str, str]) -> bool:
        """Whether an answer changes only what may change, to what is on offer, and breaks nobody."""
        for name, version in changes.items():
            if name in trial:
                continue
            old = version_of(self._installed[name].version) if name in self._installed else None
            if name in self._installed and (name not in loose or old is None or not _near(old, version, Version(loose[name]))):
                return self._no(trial, f"it would change {name} to {version}")
            if self._wheel(name, version) is None:
                return self._no(trial, f"it needs {name} {version}, of which no wheel may be used")
        after = dict(self._installed)
        for name, version in changes.items():
            offer = trial[name].offer if name in trial else self._wheel(name, version)
            if offer is not None:
                after[name] = self._after(offer)
        new = [each for each in sorted(problems(after.values(), self.interpreter.markers) - self._broken) if not _was_unmet(each, self._broken)]
        return self._no(trial, new[0]) if new else set(trial) <= set(changes)

    def _no(self, trial: Mapping[str, Candidate], words: str) -> bool:
        for name in trial:
            self._words[name] = words
        return False

    def _wheel(self, name: str, version: Version) -> Offer | None:
        return self.limits.wheel(offer for offer in self.index.offers(name) if offer.version == version)

    def _after(self, offer: Offer) -> Installed:
        return installed_of(offer.name, str(offer.version), self.index.metadata(offer))

    def _moves(self, chosen: Mapping[str, tuple[Candidate, Mapping[str, Version]]], aims: Sequence[tuple[Aim, Dist]]) -> tuple[Move, ...]:
        if not chosen:
            return ()
        changes = next(iter(chosen.values()))[1]
        by_name = {dist.name: aim for aim, dist in aims}
        out: list[Move] = []
        for name, version in sorted(changes.items()):
            choice = chosen[name][0] if name in chosen else None
            offer = choice.offer if choice is not None else self._wheel(name, version)
            if offer is None:
                continue
            offer = replace(offer, sha256=self.index.digest(offer))
            out.append(Move(name, self._own.get(name), offer, by_name.get(name) if choice else None, choice.closes if choice else (), self._after(offer)))
        return tuple(out)

    def _why(self, field_: Field, dist: Dist, finding: str, ladder: tuple[Candidate, ...]) -> Hurdle:
        for choice in ladder:
            if finding in choice.closes:
                return self._held_back(dist, choice)
        if not field_.offered:
            return Hurdle(Barrier.UNAVAILABLE, f"{self.index.origin} does not know {dist.name}")
        return field_.why(finding)

    def _held_back(self, dist: Dist, choice: Candidate) -> Hurdle:
        """Say who stands in the way of a version that could be taken by itself: an installed requirement, one of its own, or the resolver's words."""
        against = objections(self._installed.values(), dist.name, str(choice.version), self.interpreter.markers)
        if against:
            return Hurdle(Barrier.PINNED, against[0][1])
        for name, requirement in requirements(self._after(choice.offer), self.interpreter.markers):
            other = self._installed.get(name)
            if other is not None and not allows(requirement, other.version):
                return Hurdle(
                    Barrier.PINNED, f"{dist.name} {choice.version} requires {name}{requirement.specifier}, and {name} {other.version} cannot go there"
                )
        return Hurdle(Barrier.PINNED, self._words.get(dist.name, "the resolver finds no set of versions with it"))


def groups(moves: Iterable[Move], installed: Mapping[str, Installed], markers: Mapping[str, str]) -> Mapping[str, str]:
    """Return for each name that moves the first name of those that it stands and falls with: where one's new version does not go with another's old one, or
    one's old version not with another's new one.
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
                wrong = (before is None or not allows(requirement, before.version)) if versions == "old" else not allows(requirement, str(other.offer.version))
                if wrong:
                    first, second = sorted((top(move.name), top(name)))
                    root[second] = first
    return {name: top(name) for name in all_moves}


def _near(here: Version, version: Version, limit: Version) -> bool:
    return here < version < limit and (here.is_prerelease or not version.is_prerelease) and version.local == here.local


def _next_major(version: Version) -> str:
    return f"{version.epoch}!{version.release[0] + 1}" if version.epoch else str(version.release[0] + 1)


def _was_unmet(sentence: str, before: frozenset[str]) -> bool:
    """Whether the same requirement was unmet already, by another version."""
    return _TAIL.sub("", sentence) in {_TAIL.sub("", old) for old in before}
