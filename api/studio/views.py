"""What the rooms give, in the shapes that the page gets."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from api.studio.shapes import LogLineOut, ProblemOut, StartOut, StepOut, StoryOut, WorkOut
from engine.story import LogLine, Story
from language.compiled import Journey, Work
from language.problems import Problem
from runtime.project import Project, inside


def problem_out(project: Project, problem: Problem) -> ProblemOut:
    """Gives a problem with its file's path inside the project."""
    return ProblemOut(
        file=inside(project.folder, problem.file),
        line=problem.line,
        column=problem.column,
        code=problem.code,
        message=problem.message,
        suggestion=problem.suggestion,
        hint=problem.hint,
    )


def steps_out(journey: Journey) -> tuple[StepOut, ...]:
    """Lists the steps of a journey's own file in the order of their lines."""
    return tuple(StepOut(step=step, line=line) for step, line in lines_of(journey).items())


def work_out(journey: Journey) -> tuple[WorkOut, ...]:
    """Lists calls and tasks, each with the outcomes of its queue."""
    found: dict[str, WorkOut] = {}
    for item in journey.program:
        if isinstance(item, Work):
            queue = journey.queues.get(item.queue)
            outcomes = tuple(queue.outcomes) if queue is not None else tuple(item.outcomes)
            found.setdefault(item.name, WorkOut(verb=item.work, name=item.name, outcomes=outcomes))
    return tuple(found.values())


def starts_out(journey: Journey) -> tuple[StartOut, ...]:
    """Lists the ways in."""
    return tuple(
        StartOut(on=start.on, name=start.name, event=start.event, line=start.line) for start in journey.starts
    )


def story_out(story: Story, journey: Journey) -> StoryOut:
    """Gives a story, each line with the place of its step."""
    lines = lines_of(journey)
    return StoryOut(
        zone=story.zone,
        ending=story.ending,
        refused=story.refused,
        log=tuple(_line_out(line, ZoneInfo(story.zone), journey, lines) for line in story.log),
    )


def _line_out(line: LogLine, zone: ZoneInfo, journey: Journey, lines: Mapping[str, int]) -> LogLineOut:
    return LogLineOut(
        at=line.at.astimezone(zone),
        day=line.day,
        kind=line.kind,
        text=line.text,
        step=line.step,
        reason=line.reason,
        line=_line_of(line, journey, lines),
    )


def _line_of(line: LogLine, journey: Journey, lines: Mapping[str, int]) -> int:
    if line.kind == "entered":
        return next((start.line for start in journey.starts if line.text == f"by {start.name}"), 0)
    return line_of(line.step, lines)


def line_of(step: str, lines: Mapping[str, int]) -> int:
    """Finds the line of a step; a step of an inlined journey stands where that journey is named."""
    return lines.get(step) or lines.get(step.partition("/")[0], 0)


def lines_of(journey: Journey) -> dict[str, int]:
    """Gives the first line of each step of the journey's own file."""
    found: dict[str, int] = {}
    for item in journey.program:
        place = item.place
        if place.step and place.line and "/" not in place.step:
            found[place.step] = min(place.line, found.get(place.step, place.line))
    return found
