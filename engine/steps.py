"""One case for every kind of instruction: what a token does when it comes to it, and with its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from pydantic import JsonValue

from engine.asking import Connecting
from engine.branches import fork, join, leave
from engine.connecting import begin_connect, connected
from engine.draft import DECIDE, Draft
from engine.flow import assign_run_data, loop_back, loop_head, loop_start, restart, split, test
from engine.frames import enter
from engine.holding import kept_back
from engine.judging import finish, go_to
from engine.messages import begin_message, resume_message, sent
from engine.position import Doing, Expiring, OnHold, Opening, Resuming, Sending, Token
from engine.program import DATA
from engine.requests import start_journey, stop_journey, stopped
from engine.waits import begin_listen, begin_wait
from engine.work import begin_work, opened, taken_back
from language.compiled import (
    AllowLead,
    Assign,
    ChangeAudience,
    Connect,
    End,
    Enter,
    Fork,
    GoTo,
    Join,
    Jump,
    Leave,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    NotifyTeam,
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
    Wait,
    Work,
)
from model.commands import (
    AddScore,
    Connected,
    Done,
    Enlist,
    Notify,
    Permit,
    Report,
    Sent,
    SetFacts,
    Suppress,
)
from model.expressions import Constant, Expr

Data = Score | ReportOutcome | NotifyTeam | SuppressLead | AllowLead | ChangeAudience
Step = Wait | Listen | Work | Assign | Connect | Data | StartJourney | StopJourney
Flow = (
    Test
    | Split
    | LoopStart
    | Loop
    | LoopBack
    | Restart
    | Fork
    | Join
    | Leave
    | SideEnd
    | GoTo
    | Enter
    | Return
    | End
    | Jump
)
FLOW = (
    Test,
    Split,
    LoopStart,
    Loop,
    LoopBack,
    Restart,
    Fork,
    Join,
    Leave,
    Jump,
    SideEnd,
    GoTo,
    Enter,
    Return,
    End,
)


def step(draft: Draft, token: Token) -> None:
    """Lets a token begin the instruction at which it stands; raises MissingFacts."""
    if token.index >= len(draft.journey.program):
        draft.finish("finished", "the end of the steps", keeps_open=True)
        return
    here = draft.at(token)
    if isinstance(here, FLOW):
        _flow(draft, token, here)
        return
    if isinstance(here, Message) and isinstance(token.state, Resuming):
        resume_message(draft, token, here, token.state)
        return
    if isinstance(here, (Work, *DATA)) and kept_back(draft, token, OnHold()):
        return
    token = draft.visit(token, here.place.step)
    if isinstance(here, Message):
        begin_message(draft, token, here)
    elif applies(draft, token, here):
        _begin(draft, token, here)
    else:
        draft.move(token, token.index + 1)


def _begin(draft: Draft, token: Token, here: Step) -> None:
    match here:
        case Wait():
            begin_wait(draft, token, here)
        case Listen():
            begin_listen(draft, token, here)
        case Work():
            begin_work(draft, token, here)
        case Assign():
            _assign(draft, token, here)
        case StartJourney():
            start_journey(draft, token, here)
        case StopJourney():
            stop_journey(draft, token, here)
        case Connect():
            begin_connect(draft, token, here)
        case _:
            _do(draft, token, here)


def _flow(draft: Draft, token: Token, here: Flow) -> None:  # noqa: C901 - a case a verb
    match here:
        case Test():
            test(draft, token, here)
        case Split():
            split(draft, token, here)
        case LoopStart():
            loop_start(draft, token, here)
        case Loop():
            loop_head(draft, token, here)
        case LoopBack():
            loop_back(draft, token, here)
        case Restart():
            restart(draft, token, here)
        case Fork():
            fork(draft, token, here)
        case Join():
            join(draft, token)
        case Leave():
            leave(draft, token, here)
        case Jump():
            draft.move(token, here.target)
        case SideEnd():
            draft.drop(token)
        case GoTo():
            go_to(draft, token, here.stage)
        case Enter():
            enter(draft, token, here)
        case End() | Return():
            why = f"by its steps, after {token.step}" if token.step else "by its steps"
            finish(draft, token, here.ending, why)
        case _:
            assert_never(here)


def applies(draft: Draft, token: Token, here: Step) -> bool:
    """Judges the `if` of a step."""
    if here.condition is None:
        return True
    names = draft.names(token)
    if draft.read.holds(here.condition, names):
        return True
    draft.note("skipped", token.step, f"condition: {draft.read.because('', here.condition, names)}")
    return False


def _assign(draft: Draft, token: Token, here: Assign) -> None:
    names = draft.names(token)
    own = {n: e for n, e in here.values.items.items() if n.startswith("run.")}
    facts = {n: e for n, e in here.values.items.items() if n not in own}
    found = draft.read.bound(own, (), names)
    bound = draft.read.bind(facts, here.values.private, names, draft.event_of(token).id, draft.run.start.id)
    assign_run_data(draft, token, own, found)
    values = {n: v for n, v in bound.values.items() if v is not None or _clears(facts[n])}
    if values or bound.private:
        draft.enter(token, Doing(token.index + 1))
        draft.emit(SetFacts(token.id, token.step, draft.effect_id(token), replace(bound, values=values)))
    else:
        draft.move(token, token.index + 1)


def _clears(expr: Expr) -> bool:
    return isinstance(expr, Constant) and expr.value is None


def _do(draft: Draft, token: Token, here: Data) -> None:
    own = draft.effect_id(token)
    match here:
        case Score():
            effect: AddScore | Report | Notify | Suppress | Permit | Enlist = AddScore(
                token.id, token.step, own, here.points
            )
        case ReportOutcome():
            value = draft.read.value(here.value, draft.names(token)) if here.value is not None else None
            effect = Report(token.id, token.step, own, here.outcome, _number(value))
        case NotifyTeam():
            effect = Notify(token.id, token.step, own, here.to, here.template, draft.bind(token, here.values))
        case SuppressLead():
            until = draft.read.add(draft.now, here.for_) if here.for_ is not None else None
            effect = Suppress(token.id, token.step, own, here.what, until)
        case AllowLead():
            effect = Permit(token.id, token.step, own, here.what)
        case ChangeAudience():
            effect = Enlist(token.id, token.step, own, here.audience, here.add)
        case _:
            assert_never(here)
    draft.enter(token, Doing(token.index + 1))
    draft.emit(effect)


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def answer(draft: Draft, given: Sent | Done | Connected) -> None:
    """Takes the answer to the effect in flight."""
    draft.flight = None
    token = draft.tokens.get(given.token)
    if token is None:
        return
    here, state = draft.at(token), token.state
    match here, state, given:
        case Message(), Sending(), Sent():
            sent(draft, token, here, state, given)
        case Work(), Opening(), Done():
            opened(draft, token, here, state.job, given)
        case Work(), Expiring(), Done():
            taken_back(draft, token, here, state, given)
        case Connect(), Connecting(), Connected():
            connected(draft, token, here, state, given)
        case StopJourney(), Doing(), Done() if stopped(draft, here):
            return
        case _, Doing(), Done():
            if not given.ok:
                draft.note("missing", token.step, given.reason or "it could not be done; goes on")
            draft.move(token, state.target)
        case _:
            draft.park(token, f"an answer came that fits nothing asked for: {DECIDE}", decide=True)
