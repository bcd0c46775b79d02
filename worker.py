"""The worker process: carries out workflows and activities until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.discreet import Discreet
from runtime import wiring
from runtime.connect import TemporalUnreachable, connect_within
from runtime.logs import configure
from runtime.project import load_project
from runtime.quiet_exit import quiet_exit
from runtime.state import marked_ready
from settings import Settings, SettingsError, load
from store import Store
from workflows.journey import JourneyRun
from workflows.scan import ScanRun

PASSED_THROUGH = ("engine", "holidays", "language", "model", "pydantic", "pydantic_core", "yaml")
STICKY_WAIT = timedelta(seconds=2)
"""How long a run waits for the worker that had it cached; 10 s by default, felt after every restart."""


def make_worker(client: Client, settings: Settings, activities: Sequence[Callable[..., object]]) -> Worker:
    """Composes the worker; it ends no sooner than a send under way may take."""
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[JourneyRun, ScanRun],
        activities=activities,
        interceptors=[Discreet()],
        workflow_runner=workflow_runner(settings),
        max_cached_workflows=settings.workflow_cache,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
        graceful_shutdown_timeout=timedelta(seconds=settings.provider_timeout + 5),
    )


def workflow_runner(settings: Settings) -> WorkflowRunner:
    """Gives the sandbox with our pure rooms passed through, or none where the settings say so."""
    if settings.workflow_sandbox == "off":
        return UnsandboxedWorkflowRunner()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def serve(settings: Settings) -> None:
    """Works until SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    configure(settings)
    client = await connect_within(settings)
    store = Store.open(settings.database_url)
    await store.migrate()
    effects = wiring.activities(settings, store, load_project(settings.journeys_dir))
    async with wiring.nudging(settings, store), make_worker(client, settings, effects):
        with marked_ready(settings.data_dir, "worker"):
            await stop.wait()
    await store.close()
    await quiet_exit()


def main() -> None:
    """Runs the process; a wrong setting or a missing server is one line and exit code 1."""
    try:
        asyncio.run(serve(load()))
    except (SettingsError, TemporalUnreachable) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
