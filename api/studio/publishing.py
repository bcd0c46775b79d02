"""Publishes a journey from the page: what it would change first, then the version itself."""

from __future__ import annotations

from api.ports import House
from api.problems import Problem
from api.studio.aside import aside
from api.studio.judging import name_of, scenario_files
from api.studio.shapes import PlanOut, PublishIn, Texts
from api.studio.views import problem_out
from language.compiled import Journey
from language.problems import Problem as Mistake
from model.records import ApiKey
from runtime.project import Project, inside
from runtime.publishing import Plan, planned, publish

NO_NAME = "the file does not say which journey it is"
MISTAKES = "it has mistakes"


async def preview(house: House, body: Texts) -> PlanOut:
    """Says what publishing would do, or why it is refused."""
    project, journey, refused = await aside(lambda: _judged(house, body))
    if journey is None:
        return refused
    async with house.store.read() as tx:
        return _plan_out(await planned(tx, journey), refused, _warnings(house, project))


async def carry_out(house: House, caller: ApiKey, body: PublishIn) -> PlanOut:
    """Publishes, and drops the caller's draft of the file.

    Raises Problem `journey_refused` with the reason, `published_meanwhile` where the newest version is not
    the one that was looked at.
    """
    project, journey, refused = await aside(lambda: _judged(house, body))
    if journey is None:
        raise Problem("journey_refused", f"It is not published: {refused.reason}.")
    async with house.store.begin() as tx:
        plan = await planned(tx, journey)
        if plan.before != body.before:
            raise Problem("published_meanwhile", f"The newest version is {plan.before} now.")
        if plan.state == "refused":
            raise Problem("journey_refused", f"It is not published: {plan.reason}.")
        done = await publish(tx, plan, journey, body.texts[body.file], house.clock.now(), caller.id)
        draft = await tx.drafts.get(caller.source, body.file)
        if draft is not None:
            await tx.drafts.drop(caller.source, body.file, draft.revision)
    return _plan_out(done, refused, _warnings(house, project))


def _judged(house: House, body: Texts) -> tuple[Project, Journey | None, PlanOut]:
    """Gives the journey where nothing forbids to publish it, and what to answer where something does."""
    project = house.desk.edited(body.texts)
    name = name_of(project, body.file) if body.file in body.texts else None
    wrong = project.errors_of(name) if name is not None else _errors_in(project, body)
    journey = project.journeys.get(name) if name is not None and not wrong else None
    refused = PlanOut(
        journey=name,
        version=journey.version if journey is not None else None,
        state="refused",
        reason=MISTAKES if wrong else NO_NAME,
        before=None,
        free=1,
        changes=(),
        stay={},
        problems=tuple(problem_out(project, problem) for problem in wrong),
        warnings=(),
    )
    return project, journey, refused


def _errors_in(project: Project, body: Texts) -> tuple[Mistake, ...]:
    files = {body.file, *scenario_files(body.file)}
    return tuple(one for one in project.errors if inside(project.folder, one.file) in files)


def _plan_out(plan: Plan, answer: PlanOut, warnings: tuple[str, ...]) -> PlanOut:
    return answer.model_copy(
        update={
            "version": plan.version,
            "state": plan.state,
            "reason": plan.reason,
            "before": plan.before,
            "free": plan.free,
            "changes": plan.changes,
            "stay": plan.stay,
            "warnings": warnings,
        }
    )


def _warnings(house: House, project: Project) -> tuple[str, ...]:
    if house.vocabulary is None or house.vocabulary == project.vocabulary:
        return ()
    return (
        "The vocabulary changed since the system was started; restart it so that it knows the new names.",
    )
