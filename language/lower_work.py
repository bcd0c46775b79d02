"""Lowers `call` and `task`: their outcomes against the queue's, their attempts, their side steps."""

from __future__ import annotations

from collections.abc import Callable

from language.compiled import Escalation, Jump, Place, RetryPlan, Work
from language.expressions import Here
from language.facts import reads_pii
from language.lower_rules import own_priority
from language.lowering import Lowering, Side
from language.problems import did_you_mean
from language.syntax.model import Block, CallStep, Retry, Step
from language.vocabulary import Queue
from language.yaml import Scalar
from model.expressions import Expr, Name
from model.time import After, Instant, Length

Inner = Callable[[Block, Here], Here | None]
AFTER_WORK = frozenset({"task.completed"})


def lower_call(low: Lowering, step: Step, body: CallStep, here: Here, inner: Inner) -> Here | None:
    """Lowers a call or a task, and the branches of its outcomes."""
    queue = _queue(low, body.queue)
    behind = low.program.label()
    targets = [low.program.label() for _ in body.outcomes]
    outcomes = _outcomes(low, body, queue, targets, behind) if body.wait else {}
    work = _work(low, step, body, here, queue, outcomes)
    if body.script is not None:
        low.template("script", body.script, body.values)
    low.program.emit(work)
    if not body.wait:
        low.program.put(behind)
        return here
    if work.condition is not None:
        low.program.emit(Jump(Place("", low.stage), behind))
    flow = _branches(low, body, here, inner, targets, behind)
    low.program.put(behind)
    after = Here(AFTER_WORK, here.in_loop)
    goes_on = work.condition is not None or behind in outcomes.values()
    return after.joined(here).joined(flow) if goes_on else flow


def _work(
    low: Lowering, step: Step, body: CallStep, here: Here, queue: Queue | None, outcomes: dict[str, int]
) -> Work:
    return Work(
        place=low.place(step),
        work=body.work,
        name=body.name.raw,
        queue=body.queue.raw,
        condition=low.condition(step.condition, here),
        due=body.due,
        overdue=_overdue(low, body, here),
        expires=_expires(low, body.expires, here),
        attempts=_attempts(body),
        retry=_plans(low, body, queue),
        outcomes=outcomes,
        assign_to=_assign_to(low, body, here),
        script=body.script.raw if body.script else None,
        values=low.values(body.values, here),
        priority=body.priority or own_priority(low),
        wait=body.wait,
        on_days=body.on_days,
        escalate=_escalate(low, body, queue),
        skills=_skills(low, body, queue),
        number=_number(low, body, here),
    )


def _assign_to(low: Lowering, body: CallStep, here: Here) -> Expr | None:
    """Reads whom the work is for: a name that stays in the run's history."""
    found = low.expressions.value(body.assign_to, here) if body.assign_to else None
    if found is not None and body.assign_to is not None and reads_pii(found):
        message = "`assign_to` may hold no personal data of the lead, it cannot be erased"
        low.error(body.assign_to, "J037", message, "name an agent, or `lead.owner`")
        return None
    return found


def _number(low: Lowering, body: CallStep, here: Here) -> Expr | None:
    """Reads the number to call, which is a text."""
    found = low.expressions.value(body.number, here) if body.number else None
    if body.number is not None and isinstance(found, Name) and found.type not in ("text", "any"):
        message = f"`{body.number.raw}` is no text, and so no number to call"
        low.error(body.number, "J010", message, "name a text like `lead.other_phone`")
    return found


def _escalate(low: Lowering, body: CallStep, queue: Queue | None) -> tuple[Escalation, ...]:
    """Reads where late work goes; the other queue must know the same outcomes."""
    for line in body.escalate:
        other = _queue(low, line.to)
        if queue is not None and other is not None:
            _check_same_outcomes(low, line.to, queue, other)
    return tuple(Escalation(line.after, line.to.raw) for line in body.escalate)


def _check_same_outcomes(low: Lowering, to: Scalar, queue: Queue, other: Queue) -> None:
    if other.name == queue.name:
        low.error(to, "J005", f"the work is in the queue `{other.name}` already", "name another queue")
    missing = [code for code in queue.outcomes if code not in other.outcomes]
    differing = [
        code
        for code, outcome in queue.outcomes.items()
        if code in other.outcomes and other.outcomes[code].effect != outcome.effect
    ]
    if missing:
        listed = " or ".join(f"`{code}`" for code in missing)
        message = (
            f"the queue `{other.name}` does not know {listed} of `{queue.name}`, from where the work comes"
        )
        low.error(
            to,
            "J024",
            message,
            f"add to the outcomes of `{other.name}` in the vocabulary: {', '.join(missing)}",
        )
    elif differing:
        listed = ", ".join(f"`{code}`" for code in differing)
        message = f"{listed} has another effect in the queue `{other.name}` than in `{queue.name}`"
        low.error(to, "J024", message, "give it the same effect in both queues of the vocabulary")


def _skills(low: Lowering, body: CallStep, queue: Queue | None) -> tuple[str, ...]:
    """Reads what the agent must know; where the queue names its agents, one of them has to."""
    agents = queue.agents if queue is not None else {}
    known = {skill for skills in agents.values() for skill in skills}
    for skill in body.skills:
        if "," in skill.raw:
            low.error(skill, "J005", "a skill has no comma in it", "write `skills: [one, other]`")
        elif agents and skill.raw not in known:
            advice = did_you_mean(skill.raw, known) or f"give it to an agent of `{body.queue.raw}`"
            message = f"no agent of the queue `{body.queue.raw}` has the skill `{skill.raw}`"
            low.error(skill, "J011", message, advice)
    return tuple(sorted({skill.raw for skill in body.skills}))


def _branches(
    low: Lowering, body: CallStep, here: Here, inner: Inner, targets: list[int], behind: int
) -> Here | None:
    flow: Here | None = None
    for branch, target in zip(body.outcomes, targets, strict=True):
        low.program.put(target)
        unfinished = set(branch.codes) == {"expired"}
        out = inner(branch.block, here if unfinished else Here(AFTER_WORK, here.in_loop))
        if out is not None:
            low.program.emit(Jump(Place("", low.stage), behind))
            flow = out.joined(flow)
    return flow


def _queue(low: Lowering, name: Scalar) -> Queue | None:
    queue = low.vocabulary.queues.get(name.raw)
    if queue is None:
        known = low.vocabulary.queues
        advice = did_you_mean(name.raw, known) or "declare it under `queues:` in the vocabulary"
        low.error(name, "J011", f"the vocabulary has no queue `{name.raw}`", advice)
    low.queues.add(name.raw)
    return queue


def _outcomes(
    low: Lowering, body: CallStep, queue: Queue | None, targets: list[int], behind: int
) -> dict[str, int]:
    """Maps every code that may end the work to where it leads."""
    found: dict[str, int] = {}
    for branch, target in zip(body.outcomes, targets, strict=True):
        for code in branch.codes:
            if queue is not None and code not in queue.outcomes:
                found.update((part, target) for part in code.split(", ") if part in queue.outcomes)
            if queue is None or _known_outcome(low, branch.key, code, queue):
                if code in found:
                    low.error(
                        branch.key, "J005", f"the outcome `{code}` has two branches", "keep one of them"
                    )
                found[code] = target
    if queue is None:
        return found
    missing = _missing(low, body, queue, found)
    handled = dict(found)
    found.update((code, behind) for code in missing)
    if body.work == "call":
        found.setdefault("no_answer", behind)
    if "expired" not in found:
        found["expired"] = _expired(low, body, handled, found.get("no_answer", behind), behind)
    return found


def _missing(low: Lowering, body: CallStep, queue: Queue, found: dict[str, int]) -> list[str]:
    """Lists the outcomes of the queue that nobody wrote down, which is a mistake."""
    own = [
        code
        for code, outcome in queue.outcomes.items()
        if not outcome.unlisted and outcome.effect != "callback"
    ]
    missing = [code for code in own if code not in found]
    if missing:
        listed = " or ".join(f"`{code}`" for code in missing)
        message = f"the {body.work} `{body.name.raw}` does not say what happens when it ends with {listed}"
        together = " or ".join(missing)
        advice = f"under `outcomes` add `{together}: [steps]`, or `{together}: go_on` to do nothing"
        low.problems.add(body.outcomes_mark, "J024", message, advice)
    return missing


def _expired(low: Lowering, body: CallStep, handled: dict[str, int], no_answer: int, behind: int) -> int:
    """Where `expired` leads that nobody wrote down."""
    if "no_answer" in handled:
        return no_answer
    stays = body.work == "task" and body.expires is not None and body.expires.raw == "never"
    if not stays and any(branch.block.steps for branch in body.outcomes):
        work = f"the {body.work} `{body.name.raw}`"
        message = f"when nobody takes {work} in time, the lead goes on as if it were done"
        advice = "under `outcomes` add `expired: [steps]`, or `expired: go_on` if that is meant"
        low.problems.add(body.outcomes_mark, "J024", message, advice, hint=True)
    return behind


def _known_outcome(low: Lowering, key: Scalar, code: str, queue: Queue) -> bool:
    outcome = queue.outcomes.get(code)
    if outcome is None:
        listed = f"it has {', '.join(queue.outcomes)}"
        several = f"write `{code.replace(', ', ' or ')}`" if ", " in code else None
        advice = several or did_you_mean(code, queue.outcomes) or listed
        low.error(key, "J011", f"the queue `{queue.name}` has no outcome `{code}`", advice)
        return False
    if outcome.effect == "callback":
        message = f"`{code}` agrees on another call, so nothing follows it: the work stays open"
        low.error(key, "J028", message, "leave it out")
        return False
    return True


def _overdue(low: Lowering, body: CallStep, here: Here) -> int | None:
    if body.overdue is None:
        return None
    if body.due is None:
        low.problems.add(body.overdue.mark, "J002", "`overdue` needs `due`", "add `due: 1 hour`")
    label = low.program.label()
    low.sides.append(Side(label, body.overdue, here, low.stage))
    return label


def _expires(low: Lowering, text: Scalar | None, here: Here) -> Length | Instant | None:
    if text is None:
        return low.vocabulary.defaults.expires
    if text.raw == "never":
        return None
    instant = low.expressions.instant(text, here)
    if isinstance(instant, After) and instant.at is None:
        return instant.length
    return instant


def _attempts(body: CallStep) -> int | None:
    if body.attempts is not None:
        return body.attempts
    return None if body.retry else 1


def _plans(low: Lowering, body: CallStep, queue: Queue | None) -> tuple[RetryPlan, ...]:
    if queue is None:
        return ()
    retried = [
        code
        for code, outcome in queue.outcomes.items()
        if outcome.effect == "retry" and (body.work == "call" or not outcome.unlisted)
    ]
    plans: list[RetryPlan] = []
    for retry in body.retry:
        if retry.outcome is None:
            plans += [_plan(code, retry) for code in retried]
        elif _may_retry(low, retry.outcome, retried, queue):
            plans.append(_plan(retry.outcome.raw, retry))
    return tuple(plans)


def _plan(code: str, retry: Retry) -> RetryPlan:
    return RetryPlan(code, retry.delays, retry.repeat, retry.limit)


def _may_retry(low: Lowering, code: Scalar, retried: list[str], queue: Queue) -> bool:
    if code.raw in retried:
        return True
    listed = f"those with the effect `retry` are {', '.join(retried)}"
    if code.raw in queue.outcomes:
        low.error(code, "J005", f"the outcome `{code.raw}` is not tried again", listed)
    else:
        advice = did_you_mean(code.raw, retried) or listed
        low.error(code, "J011", f"the queue `{queue.name}` has no outcome `{code.raw}`", advice)
    return False
