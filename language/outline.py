"""What each instruction of a compiled journey is called, and where it leads."""

from __future__ import annotations

from typing import assert_never

from language.compiled import (
    AllowLead,
    Assign,
    ChangeAudience,
    Connect,
    End,
    Enter,
    Fork,
    GoTo,
    Instruction,
    Join,
    Journey,
    Jump,
    Leave,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
    Remind,
    ReportOutcome,
    Restart,
    Return,
    Score,
    SideEnd,
    Split,
    StartJourney,
    StopJourney,
    SuppressLead,
    Test,
    Trigger,
    Wait,
    Work,
)
from language.dates import date_text
from language.facts import to_text
from language.schedule import every_text, once_text
from language.values import clock_text, length_text
from model.time import After, Hours, Instant, Length, Moment, NextClock, NextOpening

Edge = tuple[int, str]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def label(item: Instruction) -> str:  # noqa: C901 - a case an instruction
    """Says in a few words what an instruction does."""
    match item:
        case Message():
            return f"{_by(item)} {item.template}"
        case Work():
            return f"{item.work} {item.name}, {item.queue}{'' if item.wait else ', goes on at once'}"
        case Wait():
            return f"wait {instant_text(item.until)}"
        case Listen():
            limit = f", at most {instant_text(item.within)}" if item.within else ""
            remind = f", {remind_text(item.remind)}" if item.remind is not None else ""
            return "wait for " + " or ".join(line.name for line in item.lines) + limit + remind
        case Test():
            return item.text
        case Split():
            by = f", winner by {item.winner.event}" if item.winner is not None else ""
            return f"split {item.place.step}{by}"
        case LoopStart():
            return "repeat"
        case Loop():
            return f"at most {item.at_most} rounds" if item.at_most else "each round"
        case LoopBack():
            return "next round"
        case Fork():
            return f"in parallel{', until the first is done' if item.first else ''}"
        case Enter():
            return f"run {item.scope.rpartition('/')[2]}"
        case Return():
            return f"return {item.ending}"
        case Leave():
            return f"leave {item.loop.rpartition('#')[0]}"
        case GoTo():
            return f"go to {item.stage}"
        case End():
            return f"end {item.ending}"
        case Restart():
            return "start the wait over"
        case SideEnd():
            return "done"
        case Assign():
            return "set " + ", ".join(item.values.items)
        case Score():
            return f"score {item.points:+g}" if item.points is not None else "score anew"
        case ReportOutcome():
            return f"report {item.outcome}"
        case NotifyTeam():
            return f"notify {item.to}"
        case SuppressLead():
            return f"suppress {item.what}{f' for {length_text(item.for_)}' if item.for_ else ''}"
        case StartJourney():
            whom = f" for {to_text(item.whom)}" if item.whom is not None else ""
            return f"start_journey {item.journey}{whom}"
        case StopJourney():
            return f"stop_journey {item.journey}"
        case AllowLead():
            return f"allow {item.what}"
        case Connect():
            return f"{item.verb} {item.connector}"
        case ChangeAudience():
            return f"{'add to' if item.add else 'remove from'} audience {item.audience}"
        case Jump() | Join():
            return ""
        case _:
            assert_never(item)


def _by(item: Message) -> str:
    """Says by which channels a message goes, and how long each has to be seen."""
    if item.preferred:
        channels = "preferred channel"
    elif item.network is not None and item.channels == ("social",):
        channels = f"social ({item.network})"
    else:
        channels = (" or " if item.until_seen is None else ", then ").join(item.channels)
    return (
        channels
        if item.until_seen is None
        else f"{channels}, {length_text(item.until_seen)} each to be seen:"
    )


def trigger_text(trigger: Trigger) -> str:
    """Says in a few words what begins a journey."""
    if trigger.every is not None:
        return every_text(trigger.every)
    if trigger.once is not None:
        return once_text(trigger.once)
    if trigger.date is not None:
        return date_text(trigger.date)
    if trigger.audience is not None:
        late = ", everybody in it at publishing too" if trigger.everybody else ""
        return f"{trigger.on} {trigger.audience}{late}"
    return f"{trigger.event or trigger.name}{' of anyone' if trigger.anyone else ''}"


def instant_text(instant: Instant) -> str:
    """Words an instant as a designer would write it."""
    match instant:
        case After():
            return length_text(instant.length) + _clock(" at ", instant.at, instant.zone)
        case NextClock():
            day = f"{_DAYS[instant.weekday]} at " if instant.weekday is not None else ""
            return f"until {day}{_clock('', instant.at, instant.zone)}"
        case Moment():
            sign = "+" if instant.sign > 0 else "-"
            moved = f" {sign} {length_text(instant.offset)}" if instant.offset != Length() else ""
            again = "next " if instant.yearly else ""
            return f"until {again}{to_text(instant.base)}{moved}{_clock(' at ', instant.at, instant.zone)}"
        case NextOpening():
            return f"until {instant.of} hours"
        case _:
            assert_never(instant)


def remind_text(remind: Remind) -> str:
    """Words how often a wait reminds: `remind every 2 days, at most 3 times`."""
    times = "" if remind.at_most is None else ", once" if remind.at_most == 1 else f", {remind.at_most} times"
    return f"remind every {length_text(remind.every)}{times}"


def hours_text(hours: Hours) -> str:
    """Words opening hours: `mon-sat 9:00-20:00, holidays ES-MD`."""
    days = list(hours.days)
    together = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    names = [_DAYS[day][:3] for day in days]
    shown = f"{names[0]}-{names[-1]}" if together else ", ".join(names)
    holidays = f", holidays {hours.holidays}" if hours.holidays else ""
    return f"{shown} {clock_text(hours.start)}-{clock_text(hours.end)}{holidays}"


def _clock(before: str, at: int | None, zone: str | None) -> str:
    if at is None:
        return f" {zone}" if zone else ""
    return f"{before}{clock_text(at)}{f' {zone}' if zone else ''}"


def edges(journey: Journey, index: int) -> list[Edge]:  # noqa: C901 - a case an instruction
    """Lists where an instruction leads, with what has to happen for it; "" is simply the next."""
    item = journey.program[index]
    match item:
        case Message():
            otherwise = [(item.else_, "nobody reachable")] if item.else_ is not None else []
            return [(index + 1, ""), *otherwise]
        case Connect():
            otherwise = [(item.else_, "no answer")] if item.else_ is not None else []
            return [(index + 1, ""), *otherwise]
        case Work():
            if not item.wait:
                return [(index + 1, "")]
            overdue = [(item.overdue, "overdue")] if item.overdue is not None else []
            return [*_grouped(item.outcomes), *overdue]
        case Listen():
            lines = [(line.target, line.name) for line in item.lines]
            remind = [(item.remind.target, "remind")] if item.remind is not None else []
            return [*lines, *([(item.else_, "else")] if item.within else []), *remind]
        case Test():
            return [(index + 1, item.then_name or "yes"), (item.else_, item.else_name or "no")]
        case Split():
            return [(arm.target, f"{arm.name} {arm.share:g} %") for arm in item.arms]
        case Loop():
            ends = item.at_most is not None or item.until is not None
            return [(index + 1, ""), *([(item.exit, "done")] if ends else [])]
        case Enter():
            return [(item.target, ""), *((target, ending) for ending, target in item.returns.items())]
        case Fork():
            return [(way.target, way.name) for way in item.ways]
        case LoopBack() | Restart() | Jump() | Leave() | Join() | Return():
            return [(item.target, "")]
        case GoTo():
            return [(journey.stages[item.stage], "")]
        case End() | SideEnd():
            return []
        case Wait():
            missing = [(item.if_missing, "missing")] if item.if_missing is not None else []
            return [(index + 1, ""), *missing]
        case (
            LoopStart()
            | Assign()
            | Score()
            | ReportOutcome()
            | NotifyTeam()
            | SuppressLead()
            | AllowLead()
            | ChangeAudience()
        ):
            return [(index + 1, "")]
        case StartJourney() | StopJourney():
            return [(index + 1, "")]
        case _:
            assert_never(item)


def _grouped(outcomes: dict[str, int]) -> list[Edge]:
    """One arrow for the outcomes that lead to the same place."""
    targets = dict.fromkeys(outcomes.values())
    return [(at, ", ".join(code for code, target in outcomes.items() if target == at)) for at in targets]


def past_jumps(journey: Journey, index: int) -> int:
    """Gives the instruction to which a target comes in the end."""
    item = journey.program[index]
    return past_jumps(journey, item.target) if isinstance(item, Jump | Join) else index
