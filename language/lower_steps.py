"""From steps to instructions: one case a verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never, get_args

from language.compiled import (
    Arm,
    GoTo,
    Jump,
    Loop,
    LoopBack,
    LoopStart,
    NotifyTeam,
    Place,
    ReportOutcome,
    Score,
    Split,
    Test,
)
from language.expressions import Here
from language.lower_audiences import lower_audience
from language.lower_connect import lower_connect
from language.lower_data import lower_set
from language.lower_flow import lower_leave, lower_parallel, lower_restart
from language.lower_journeys import lower_start_journey, lower_stop_journey
from language.lower_messages import lower_message
from language.lower_permission import lower_permission
from language.lower_run import lower_run
from language.lower_waits import lower_listen, lower_wait
from language.lower_winner import lower_winner
from language.lower_work import lower_call
from language.lowering import Lowering, Repeated
from language.problems import did_you_mean
from language.step_ids import heard_in
from language.syntax.model import (
    AllowStep,
    AudienceStep,
    Block,
    CallStep,
    ChooseStep,
    ConnectStep,
    EndStep,
    GoToStep,
    IfStep,
    LeaveStep,
    ListenStep,
    MessageStep,
    NotifyStep,
    ParallelStep,
    RepeatStep,
    ReportStep,
    RestartStep,
    RunStep,
    ScoreStep,
    SetStep,
    SplitStep,
    StartJourneyStep,
    Step,
    StopJourneyStep,
    SuppressStep,
    WaitStep,
)
from model.expressions import Constant, Expr
from model.scoring import OutcomeType

Flow = Here | None
NEVER = Constant(False, "yes_no")
_GUARDED = (
    ListenStep,
    IfStep,
    ChooseStep,
    SplitStep,
    RepeatStep,
    ParallelStep,
    LeaveStep,
    RunStep,
    GoToStep,
    EndStep,
    RestartStep,
)


def lower_block(low: Lowering, block: Block | None, here: Here) -> Flow:
    """Lowers a list of steps; gives None where nothing comes out at its end."""
    flow: Flow = here
    if block is None:
        return flow
    low.broken = low.broken or block.broken
    for step in block.steps:
        if flow is None:
            low.error(
                step.verb,
                "J023",
                "no lead ever comes here",
                "delete it, or change the step before it, which always leads elsewhere",
            )
            flow = here
        flow = _lower(low, step, flow)
    return flow


def _lower(low: Lowering, step: Step, here: Here) -> Flow:
    if not isinstance(step.body, _GUARDED) or step.condition is None:
        return _lower_body(low, step, here)
    condition = low.condition(step.condition, here)
    behind = low.program.label()
    low.program.emit(Test(low.place(step), condition or NEVER, behind, step.condition.raw))
    flow = _lower_body(low, step, here)
    low.program.put(behind)
    return here.joined(flow)


def _lower_body(low: Lowering, step: Step, here: Here) -> Flow:  # noqa: C901 - a case a verb
    body = step.body
    match body:
        case MessageStep():
            return lower_message(low, step, body, here, _inner(low))
        case CallStep():
            return lower_call(low, step, body, here, _inner(low))
        case WaitStep():
            return lower_wait(low, step, body, here, _inner(low))
        case ListenStep():
            return lower_listen(low, step, body, here, _inner(low))
        case IfStep():
            return _if(low, step, body, here)
        case ChooseStep():
            return _choose(low, step, body, here)
        case SplitStep():
            return _split(low, step, body, here)
        case RepeatStep():
            return _repeat(low, step, body, here)
        case GoToStep():
            low.program.emit(GoTo(low.place(step), low.stage_name(body.stage)))
            return None
        case EndStep():
            low.end(low.place(step), low.ending(body.ending))
            return None
        case RestartStep():
            return lower_restart(low, step, here)
        case ParallelStep():
            return lower_parallel(low, step, body, here, _inner(low))
        case RunStep():
            return lower_run(low, step, body, here)
        case StartJourneyStep():
            return lower_start_journey(low, step, body, here)
        case StopJourneyStep():
            return lower_stop_journey(low, step, body, here)
        case LeaveStep():
            return lower_leave(low, step, body, here)
        case SetStep():
            return lower_set(low, step, body, here)
        case ScoreStep():
            low.program.emit(Score(low.place(step), body.points, low.condition(step.condition, here)))
            return here
        case ConnectStep():
            return lower_connect(low, step, body, here, _inner(low))
        case ReportStep():
            return _report(low, step, body, here)
        case NotifyStep():
            return _notify(low, step, body, here)
        case AudienceStep():
            return lower_audience(low, step, body, here)
        case SuppressStep() | AllowStep():
            return lower_permission(low, step, body, here)
        case _:
            assert_never(body)


def _inner(low: Lowering) -> Callable[[Block, Here], Flow]:
    return lambda block, here: lower_block(low, block, here)


def _arm(low: Lowering, block: Block | None, here: Here, behind: int, flow: Flow) -> Flow:
    """Lowers one way of several and leads it behind them all."""
    out = lower_block(low, block, here)
    if out is not None:
        low.program.emit(Jump(_nowhere(low), behind))
    return _joined(flow, out)


def _joined(left: Flow, right: Flow) -> Flow:
    return right if left is None else left.joined(right)


def _nowhere(low: Lowering) -> Place:
    return Place("", low.stage)


def _if(low: Lowering, step: Step, body: IfStep, here: Here) -> Flow:
    otherwise, behind = low.program.label(), low.program.label()
    text = body.condition.raw if body.condition else ""
    condition = low.condition(body.condition, here)
    low.program.emit(Test(low.place(step), condition or NEVER, otherwise, text, "yes", "no"))
    flow = _arm(low, body.then, here, behind, None)
    low.program.put(otherwise)
    flow = _joined(flow, lower_block(low, body.otherwise, here))
    low.program.put(behind)
    return flow


def _choose(low: Lowering, step: Step, body: ChooseStep, here: Here) -> Flow:
    behind = low.program.label()
    flow: Flow = None
    conditions = [arm for arm in body.arms if not arm.is_else]
    for arm in conditions:
        following = low.program.label()
        text = arm.condition.raw if arm.condition else ""
        condition = low.condition(arm.condition, here)
        last = "else" if arm is conditions[-1] else ""
        low.program.emit(Test(low.place(step), condition or NEVER, following, text, text, last))
        flow = _arm(low, arm.block, here, behind, flow)
        low.program.put(following)
    otherwise = next((arm.block for arm in body.arms if arm.is_else), None)
    flow = _joined(flow, lower_block(low, otherwise, here))
    low.program.put(behind)
    return flow


def _split(low: Lowering, step: Step, body: SplitStep, here: Here) -> Flow:
    total = sum(arm.share for arm in body.arms)
    if abs(total - 100) > 0.001:
        message = f"the shares make {total:g}, not 100"
        low.error(step.verb, "J025", message, "change them so that they make 100")
    targets = [low.program.label() for _ in body.arms]
    behind = low.program.label()
    arms = tuple(Arm(arm.name.raw, arm.share, target) for arm, target in zip(body.arms, targets, strict=True))
    low.program.emit(Split(low.place(step), arms, body.each_run, lower_winner(low, step, body)))
    flow: Flow = None
    for arm, target in zip(body.arms, targets, strict=True):
        low.program.put(target)
        flow = _arm(low, arm.block, here, behind, flow)
    low.program.put(behind)
    return flow


def _repeat(low: Lowering, step: Step, body: RepeatStep, here: Here) -> Flow:
    program, place = low.program, low.place(step)
    low.loops += 1
    loop = f"{place.step}#{low.loops}"
    inside = Here(here.events | heard_in(body.do), in_loop=True)
    program.emit(LoopStart(place, loop))
    head, out = program.here(), program.label()
    until = low.condition(body.until, inside)
    program.emit(Loop(place, loop, body.at_most, until, out))
    outer, low.restart = low.restart, None
    around = Repeated(place.step, loop, out, low.depth)
    low.repeats.append(around)
    flow = lower_block(low, body.do, inside)
    low.repeats.pop()
    low.restart = outer
    if flow is not None:
        program.emit(LoopBack(place, loop, head))
    program.put(out)
    endless = body.at_most is None and body.until is None and not around.left
    return None if endless else Here(inside.events, here.in_loop)


def _report(low: Lowering, step: Step, body: ReportStep, here: Here) -> Flow:
    known = get_args(OutcomeType)
    if body.outcome.raw not in known:
        advice = did_you_mean(body.outcome.raw, known) or f"write one of {', '.join(known)}"
        low.error(body.outcome, "J005", f"`report` has no outcome `{body.outcome.raw}`", advice)
    value: Expr | None = low.expressions.value(body.value, here) if body.value else None
    condition = low.condition(step.condition, here)
    low.program.emit(ReportOutcome(low.place(step), body.outcome.raw, value, condition))
    return here


def _notify(low: Lowering, step: Step, body: NotifyStep, here: Here) -> Flow:
    teams = low.vocabulary.teams
    if body.to.raw != "lead.owner" and body.to.raw not in teams:
        advice = (
            did_you_mean(body.to.raw, (*teams, "lead.owner")) or "declare it under `teams:` in the vocabulary"
        )
        low.error(body.to, "J011", f"the vocabulary has no team `{body.to.raw}`", advice)
    if body.template is not None:
        low.template("notify", body.template, body.values)
    template = body.template.raw if body.template else None
    values, condition = low.values(body.values, here), low.condition(step.condition, here)
    low.program.emit(NotifyTeam(low.place(step), body.to.raw, template, values, condition))
    return here
