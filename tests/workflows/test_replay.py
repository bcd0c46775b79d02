"""Histories recorded earlier replay on today's code: no running journey is broken by a change."""

from __future__ import annotations

import base64
import json

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from engine.run_input import RunInput
from model.runs import JOURNEY
from settings import Settings
from tests.workflows.record import FOLDER, STORIES
from worker import workflow_runner
from workflows.journey import JourneyRun


def replayer(interpreter: type = JourneyRun) -> Replayer:
    return Replayer(
        workflows=[interpreter],
        data_converter=pydantic_data_converter,
        workflow_runner=workflow_runner(Settings()),
    )


@pytest.mark.parametrize("story", [story.__name__ for story in STORIES])
async def test_a_recorded_history_replays(story: str) -> None:
    text = (FOLDER / f"{story}.json").read_text()
    await replayer().replay_workflow(WorkflowHistory.from_json(story, text))


@workflow.defn(name=JOURNEY, sandboxed=False)
class AnotherInterpreter:
    """Waits before it does anything: what today's code must never begin to do."""

    @workflow.run
    async def run(self, given: RunInput) -> None:
        await workflow.sleep(given.history_limit)


async def test_replay_notices_an_interpreter_that_does_something_else() -> None:
    text = (FOLDER / "bought.json").read_text()
    with pytest.raises(workflow.NondeterminismError):
        await replayer(AnotherInterpreter).replay_workflow(WorkflowHistory.from_json("bought", text))


def test_no_personal_data_is_in_a_history() -> None:
    for story in STORIES:
        text = (FOLDER / f"{story.__name__}.json").read_text()
        decoded = "".join(_payloads(json.loads(text)))
        for private in ("luis@example.com", "Luis", "+34600111222"):
            assert private not in decoded, f"{private} is in the history of {story.__name__}"


def _payloads(node: object) -> list[str]:
    found: list[str] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "data" and isinstance(value, str):
                found.append(base64.b64decode(value).decode(errors="replace"))
            else:
                found.extend(_payloads(value))
    elif isinstance(node, list):
        for item in node:
            found.extend(_payloads(item))
    elif isinstance(node, str):
        found.append(node)
    return found
