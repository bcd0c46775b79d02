"""Records the histories that `test_replay` replays: `python -m tests.workflows.record`.

Run it only when a change of the interpreter is meant to break running journeys' histories, which it must not.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from model.runs import workflow_id
from runtime.connect import connect
from runtime.ports import any_free
from runtime.quiet_exit import quiet_exit
from runtime.temporal_server import ServerOptions, TemporalServer
from settings import Settings
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT

FOLDER = Path(__file__).parent / "histories"


async def nudged(world: House) -> None:
    """A lead that does nothing."""
    await world.event("trial.started", plan="basic")
    await world.pass_time(timedelta(days=6))


async def called_twice(world: House) -> None:
    """A hot lead whose call nobody takes in time."""
    await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
    await world.event("trial.started", plan="basic")
    await world.event("interest.shown")
    await world.pass_time(timedelta(days=9))


async def bought(world: House) -> None:
    """A lead that buys in the middle of a wait."""
    await world.event("trial.started", plan="basic")
    await world.pass_time(timedelta(days=1))
    await world.event("trial.bought", plan="basic")


STORIES = (nudged, called_twice, bought)


async def main() -> None:
    """Plays each story on a fresh server and writes its history."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = ServerOptions(port=any_free(), log=folder / "temporal.log", virtual_time=True)
        async with TemporalServer(options) as server:
            client = await connect(Settings(temporal_address=server.address))
            for story in STORIES:
                home = folder / story.__name__
                async with house(home, client, project_of(home / "defs", PROJECT)) as world:
                    await story(world)
                    (run,) = await world.runs()
                history = await client.get_workflow_handle(workflow_id(run.id)).fetch_history()
                (FOLDER / f"{story.__name__}.json").write_text(history.to_json())
    await quiet_exit()


if __name__ == "__main__":
    asyncio.run(main())
