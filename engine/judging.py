"""Exits and `whenever`, judged before each step and in every wait (language.md §4.5)."""

from __future__ import annotations

from datetime import datetime

from engine.draft import MAIN, Draft
from engine.hearing import hears, hears_since_start
from engine.position import Listening, OnHold, Refusal, Token
from engine.program import only_refused_left
from language.compiled import Exit, Journey, Line, Listen, Whenever, Work
from model.events import Event, Fields
from model.expressions import Expr


def judge(draft: Draft, event: Event | None = None) -> bool:
    """Judges exits, an opt-out, then `whenever`; says whether the run has ended or is led elsewhere."""
    draft.dirty = False
    conditions = _conditions(draft.journey)
    if event is None and not conditions:
        return False
    verdicts = _verdicts(draft, conditions)
    risen = _edges(draft, verdicts)
    return (
        _exit(draft, event, verdicts, risen)
        or (event is not None and _opted_out(draft, event))
        or _whenever(draft, event, risen)
    )


def _conditions(journey: Journey) -> dict[str, Expr]:
    """The conditions of lines that have one, by the name under which what was found last is kept."""
    found: dict[str, Expr] = {}
    for number, exit_ in enumerate(journey.exits):
        if exit_.line.condition is not None:
            found[f"exit:{number}"] = exit_.line.condition
    for number, each in enumerate(journey.whenever):
        if each.line.condition is not None:
            found[f"whenever:{number}"] = each.line.condition
    return found


def _verdicts(draft: Draft, conditions: dict[str, Expr]) -> dict[str, bool]:
    if not conditions:
        return {}
    names = draft.names(draft.main)
    asked = [(condition, names) for condition in conditions.values()]
    return dict(zip(conditions, draft.read.all_hold(asked), strict=True))


def _edges(draft: Draft, verdicts: dict[str, bool]) -> set[str]:
    """Remembers what was found; gives the lines found true after having been found false."""
    risen = {name for name, holds in verdicts.items() if holds and draft.edges.get(name) is False}
    if any(draft.edges.get(name) != holds for name, holds in verdicts.items()):
        draft.edges = {**draft.edges, **verdicts}
    return risen


def _exit(draft: Draft, event: Event | None, verdicts: dict[str, bool], risen: set[str]) -> bool:
    for number, exit_ in enumerate(draft.journey.exits):
        if _fires(draft, exit_.line, f"exit:{number}", event, verdicts, risen):
            draft.finish(exit_.ending, _why(draft, exit_, event))
            return True
    return False


def _fires(
    draft: Draft, line: Line, name: str, event: Event | None, verdicts: dict[str, bool], risen: set[str]
) -> bool:
    match line.hears:
        case "event":
            return event is not None and hears(draft, line, event, None)
        case "if":
            return verdicts.get(name, False)
        case "becomes":
            return name in risen


def _why(draft: Draft, exit_: Exit, event: Event | None) -> str:
    line = exit_.line
    if line.condition is None:
        return f"exit: {event.type if event is not None else line.event}"
    return f"exit: {draft.read.because(line.text, line.condition, draft.names(draft.main))}"


def _opted_out(draft: Draft, event: Event) -> bool:
    if event.type != "lead.unsubscribed" or event.whose != "lead":
        return False
    refusal = Refusal(_named(event, "channel"), _named(event, "topic"))
    if refusal not in draft.refusals:
        draft.refusals = (*draft.refusals, refusal)
    threads = [token.index for token in draft.threads()]
    if draft.journey.on_opt_out == "go_on" or not threads:
        return False
    if not only_refused_left(draft.journey, threads, draft.refusals):
        return False
    why = "all messages still to come are marketing that the lead has refused"
    draft.finish("unsubscribed", why, keeps_open=True)
    return True


def opt_in(draft: Draft, event: Event) -> None:
    """Takes back the refusals that a later consent speaks of."""
    if event.type == "lead.consent_given":
        channel, topic = _named(event, "channel"), _named(event, "topic")
        draft.refusals = tuple(
            refusal
            for refusal in draft.refusals
            if (channel is not None and refusal.channel not in (None, channel))
            or (topic is not None and refusal.topic not in (None, topic))
        )


def _named(event: Event, field: str) -> str | None:
    """Gives what is refused; None is all of them."""
    value = event.fields.get(field)
    return value if isinstance(value, str) and value != "all" else None


def _whenever(draft: Draft, event: Event | None, risen: set[str]) -> bool:
    main = draft.main
    for number, each in enumerate(draft.journey.whenever):
        if main is None or (each.stages and draft.at(main).place.stage not in each.stages):
            continue
        name = f"whenever:{number}"
        if each.line.hears == "if" or not _fires(draft, each.line, name, event, {}, risen):
            continue
        return _begin(draft, each, name, event if each.line.hears == "event" else None)
    return False


def _begin(draft: Draft, each: Whenever, name: str, event: Event | None) -> bool:
    why = event.type if event is not None else f"it became so: {each.line.text}"
    main = draft.main
    step = main.step if main is not None else ""
    if each.stage is not None:
        draft.note("branch", step, f"to {each.stage}: {why}", each.line.name or each.stage)
        if event is not None:
            draft.use(event, None)
        lead_to(draft, each.stage, event)
        return True
    if any(token.side == name for token in draft.tokens.values()):
        draft.note("dropped", step, f"{why}, but its steps are still at work")
        return False
    draft.note("branch", step, f"whenever {why}", each.line.name or None)
    draft.spawn(each.line.target, name, None, event)
    return False


def lead_to(draft: Draft, stage: str, event: Event | None, by: Token | None = None) -> None:
    """Leaves everything at work and goes on at a stage, which hears what comes after.

    `by` is the branch that leads there; what it remembers goes on.
    """
    main = by or draft.main or Token(MAIN, 0)
    _withdraw_what_goes_on(draft, draft.at(main).place.stage)
    for token in list(draft.tokens.values()):
        draft.drop(token)
    draft.unused = tuple(kept for kept in draft.unused if hears_since_start(draft, kept.event))
    draft.paces = {}
    kept_event = event if event is not None else main.event
    draft.put(
        Token(
            MAIN, draft.journey.stages[stage], event=kept_event, window=draft.heard, messages=main.messages,
            worked=main.worked, floor=draft.heard,
        )
    )  # fmt: skip


def _withdraw_what_goes_on(draft: Draft, stage: str) -> None:
    """Takes back the work of a stage that is left for which the run does not wait."""
    works = [here for here in draft.journey.program if isinstance(here, Work) and here.place.stage == stage]
    steps = tuple(here.place.step for here in works if here.place.step in draft.open_work)
    if steps:
        draft.withdraw(steps=steps)


def look_again(draft: Draft) -> None:
    """Finds when an open condition of exits, `whenever` and waits can next change by time alone."""
    open_ones: list[tuple[Expr, Fields]] = []
    if conditions := _conditions(draft.journey):
        names = draft.names(draft.main)
        open_ones.extend((condition, names) for condition in conditions.values())
    hold = draft.journey.rules.hold_while
    if hold is not None and any(isinstance(token.state, OnHold) for token in draft.tokens.values()):
        open_ones.append((hold.condition, draft.names(draft.main)))
    for token in draft.tokens.values():
        here = draft.at(token) if isinstance(token.state, Listening) else None
        if isinstance(here, Listen):
            own = draft.names(token)
            open_ones.extend((line.condition, own) for line in here.lines if line.condition is not None)
    draft.look = draft.read.next_changes(open_ones) if open_ones else None


def earliest(*instants: datetime | None) -> datetime | None:
    """Gives the earliest of the instants that are there."""
    return min((at for at in instants if at is not None), default=None)
