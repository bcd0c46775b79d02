"""From the document to the rule model: names looked up, conditions parsed, contradictions found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from language.problems import ConditionError, did_you_mean
from scoring.document import GroupPart, LimitsPart, Names, RulePart, ScoringDocument, StagePart, VelocityPart
from scoring.rules import (
    Cap,
    Condition,
    EventRule,
    Group,
    Limits,
    RuleModel,
    RuleText,
    Stage,
    StateRule,
    Step,
    Tier,
    Velocity,
)

Path = tuple[int | str, ...]
OPENED = "email.opened"
STRONG_WITHIN = timedelta(days=30)
PER = ("message", "day", "page")
EVENT_PARTS = ("where", "per", "cap", "decay", "expire", "strong", "bypass")


class Reporter(Protocol):
    """Where mistakes go: the path in the document, a code, a message, the way out."""

    def add(self, path: Path, code: str, message: str, suggestion: str | None = None) -> None:
        """Notes a mistake."""
        ...

    def condition(self, path: Path, error: ConditionError) -> None:
        """Notes a mistake inside a condition."""
        ...


class Conditions(Protocol):
    """Reads conditions against the vocabulary. Both readers raise `ConditionError`."""

    @property
    def events(self) -> Iterable[str]:
        """The events that a rule may name."""
        ...

    @property
    def zone(self) -> str:
        """The company's zone, which bounds a day."""
        ...

    def fields(self, event: str) -> Iterable[str]:
        """The fields of an event."""
        ...

    def where(self, event: str, text: str) -> Condition:
        """Reads a condition over the fields of an event."""
        ...

    def when(self, text: str) -> Condition:
        """Reads a condition over what the lead is."""
        ...


class Build:
    """Builds the model of one document; a part with a mistake is reported and left out."""

    def __init__(self, document: ScoringDocument, conditions: Conditions, source: Reporter) -> None:
        self._document = document
        self._conditions = conditions
        self._source = source
        self._events = frozenset(conditions.events)

    def model(self) -> RuleModel:
        """Builds it; usable only where nothing was reported."""
        document = self._document
        self._ids()
        engagement = self._limits(("scores", "engagement"), document.scores.engagement)
        fit = self._limits(("scores", "fit"), document.scores.fit)
        bonus = document.tiers.get("hot_bonus", 0)
        return RuleModel(
            id=document.model.id,
            version=document.model.version,
            label=document.model.label,
            zone=self._conditions.zone,
            engagement=engagement,
            fit=fit,
            groups=self._groups(engagement, fit),
            rules=self._rules(),
            grades=_descending(document.fit_grades),
            bands=_descending(document.engagement_bands),
            tiers=self._tiers(),
            stages=tuple(self._stage(name, part) for name, part in document.stages.items()),
            velocity=_velocity(document.velocity),
            hot_bonus=bonus if isinstance(bonus, int) else 0,
            watch=tuple(sorted(document.watch)),
        )

    def _groups(self, engagement: Limits, fit: Limits) -> tuple[Group, ...]:
        return tuple(
            self._group(name, part, engagement if part.score == "engagement" else fit)
            for name, part in self._document.groups.items()
        )

    def _rules(self) -> tuple[EventRule | StateRule, ...]:
        built = [self._rule(("rules", place), part) for place, part in enumerate(self._document.rules)]
        return tuple(rule for rule in built if rule is not None)

    def _ids(self) -> None:
        counts = Counter(part.id for part in self._document.rules)
        for place, part in enumerate(self._document.rules):
            if counts[part.id] > 1:
                self._source.add(("rules", place, "id"), "J026", f"two rules are called `{part.id}`")

    def _limits(self, path: Path, part: LimitsPart) -> Limits:
        if part.min >= part.max:
            self._source.add((*path, "min"), "J005", "`min` is not below `max`")
        return Limits(part.min, part.max)

    def _group(self, name: str, part: GroupPart, outer: Limits) -> Group:
        low = outer.low if part.min is None else part.min
        high = outer.high if part.max is None else part.max
        if low >= high:
            self._source.add(("groups", name), "J005", f"`{name}`: `min` is not below `max`")
        return Group(name, part.score, Limits(low, high))

    def _rule(self, path: Path, part: RulePart) -> EventRule | StateRule | None:
        if part.group not in self._document.groups:
            hint = did_you_mean(part.group, self._document.groups)
            self._source.add((*path, "group"), "J010", f"unknown group `{part.group}`", hint)
            return None
        if (part.event is None) == (part.when is None):
            self._source.add(path, "J002", "a rule has `event`, or `when` for what the lead is, and not both")
            return None
        return self._event_rule(path, part) if part.event is not None else self._state_rule(path, part)

    def _event_rule(self, path: Path, part: RulePart) -> EventRule | None:
        event = part.event or ""
        known = event in self._events
        if not known:
            hint = did_you_mean(event, self._events)
            self._source.add((*path, "event"), "J011", f"unknown event `{event}`", hint)
        else:
            self._per(path, event, part.per)
        self._event_parts(path, part)
        where = self._where(path, event, part.where) if known and part.where is not None else None
        return EventRule(
            id=part.id,
            group=part.group,
            event=event,
            points=part.points or 0.0,
            text=_text(part),
            where=where,
            per=part.per,
            cap=Cap(part.cap.n, part.cap.window) if part.cap is not None else None,
            half_life=part.decay.half_life if part.decay is not None else None,
            expire=None if part.expire == "never" else part.expire,
            strong=part.strong,
            bypass=part.bypass,
            machines="event.machine" in (part.where or ""),
        )

    def _event_parts(self, path: Path, part: RulePart) -> None:
        if self._document.groups[part.group].score != "engagement":
            self._source.add(
                (*path, "group"), "J028", "an event gives engagement; fit is what the lead is (`when`)"
            )
        if part.points is None:
            self._source.add(path, "J002", "`points` is missing")
        if part.decay is None and part.expire is None:
            self._source.add(path, "J002", "say how the points go: `decay`, `expire`, or `expire: never`")
        if part.disqualify is not None:
            self._source.add((*path, "disqualify"), "J028", "`disqualify` belongs to a rule with `when`")
        if part.event == OPENED:
            self._opened(path, part)

    def _per(self, path: Path, event: str, names: Names) -> None:
        known = {*PER, *self._conditions.fields(event)}
        for name in names:
            if name not in known:
                message = f"`{event}` has no field `{name}` to count once for"
                self._source.add((*path, "per"), "J010", message, did_you_mean(name, known))

    def _opened(self, path: Path, part: RulePart) -> None:
        """A reader is no buyer: opens give no sign, and no more points than their group's cap."""
        if part.strong or part.bypass:
            word = "strong" if part.strong else "bypass"
            self._source.add((*path, word), "J028", "opening an e-mail is no buying indicator")
        if self._document.groups[part.group].max is None:
            self._source.add(
                (*path, "group"), "J002", f"opens need a cap: give the group `{part.group}` a `max`"
            )

    def _state_rule(self, path: Path, part: RulePart) -> StateRule | None:
        if self._document.groups[part.group].score != "fit":
            self._source.add(
                (*path, "group"), "J028", "what the lead is gives fit; engagement comes from an `event`"
            )
        for word in EVENT_PARTS:
            if word in part.model_fields_set:
                self._source.add((*path, word), "J028", f"`{word}` belongs to a rule with `event`")
        if part.points is None and part.disqualify is None:
            self._source.add(path, "J002", "`points` or `disqualify` is missing")
        when = self._when(path, part.when or "")
        if when is None:
            return None
        return StateRule(part.id, part.group, when, _text(part), part.points or 0.0, part.disqualify)

    def _where(self, path: Path, event: str, text: str) -> Condition | None:
        try:
            return self._conditions.where(event, text)
        except ConditionError as error:
            self._source.condition((*path, "where"), error)
            return None

    def _when(self, path: Path, text: str) -> Condition | None:
        try:
            return self._conditions.when(text)
        except ConditionError as error:
            self._source.condition((*path, "when"), error)
            return None

    def _tiers(self) -> tuple[Tier, ...]:
        document = self._document
        pairs = {f"{grade}{band}" for grade in document.fit_grades for band in document.engagement_bands}
        tiers: list[Tier] = []
        for name, value in document.tiers.items():
            if name == "hot_bonus":
                if not isinstance(value, int) or not 0 <= value <= 9:
                    self._source.add(
                        ("tiers", name), "J005", "`hot_bonus` is how many tiers a hot lead rises: 0 to 9"
                    )
            elif isinstance(value, int):
                self._source.add(("tiers", name), "J005", f"`{name}` is a list of grade and band: [A1, B1]")
            else:
                self._pairs(name, value, pairs)
                tiers.append(Tier(name, frozenset(value)))
        if not tiers or "*" not in tiers[-1].pairs:
            self._source.add(("tiers",), "J002", 'the last tier takes what is left: ["*"]')
        return tuple(tiers)

    def _pairs(self, name: str, value: Names, pairs: set[str]) -> None:
        for place, pair in enumerate(value):
            if pair != "*" and pair not in pairs:
                self._source.add(("tiers", name, place), "J010", f"no grade and band make `{pair}`")

    def _stage(self, name: str, part: StagePart) -> Stage:
        path: Path = ("stages", name)
        enter = self._number((*path, "enter", "engagement"), part.enter.engagement)
        leave = self._number((*path, "leave", "engagement"), part.leave.engagement)
        if leave > enter:
            self._source.add(
                (*path, "leave"), "J005", "a stage is left at or below the points that lead into it"
            )
        if part.enter.fit is not None and part.enter.fit not in self._document.fit_grades:
            hint = did_you_mean(part.enter.fit, self._document.fit_grades)
            self._source.add((*path, "enter", "fit"), "J010", f"unknown grade `{part.enter.fit}`", hint)
        bypasses = {rule.id for rule in self._document.rules if rule.bypass}
        for place, rule in enumerate(part.or_bypass):
            if rule not in bypasses:
                message = f"`{rule}` is no rule with `bypass: true`"
                self._source.add((*path, "or_bypass", place), "J010", message, did_you_mean(rule, bypasses))
        strong = part.enter.any_strong_within
        return Stage(
            name, enter, leave, strong or STRONG_WITHIN, strong is not None, part.enter.fit, part.or_bypass
        )

    def _number(self, path: Path, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            self._source.add(path, "J005", f"`{text}` is no number of points")
            return 0.0


def _descending(names: dict[str, float]) -> tuple[Step, ...]:
    return tuple(Step(name, at) for name, at in sorted(names.items(), key=lambda item: -item[1]))


def _velocity(part: VelocityPart | None) -> Velocity | None:
    return Velocity(part.window, part.hot) if part is not None else None


def _text(part: RulePart) -> RuleText:
    if part.text is not None:
        return RuleText(part.text.es, part.text.en)
    words = part.id.replace("_", " ")
    return RuleText(words, words)
