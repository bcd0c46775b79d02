"""The client of Temporal: connected when first needed, so that the API stays up without it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.problems import Problem
from model.runs import workflow_id
from runtime.connect import connect
from runtime.virtual_time import VirtualTime
from settings import Settings

PATIENCE: Final = timedelta(seconds=10)
PROMPT: Final = timedelta(seconds=2)
_AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.INTERNAL,
    }
)


class Runs:
    """Runs as workflows. With the clock set by hand, runs begin with their time standing still."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._client: Client | None = None

    async def client(self) -> Client:
        """Gives the client, connecting if need be; raises what temporalio raises where nobody answers."""
        async with self._lock:
            if self._client is None:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    plain = await connect(self._settings)
                by_hand = self._settings.clock == "manual"
                self._client = VirtualTime(plain).client if by_hand else plain
            return self._client

    async def reachable(self) -> bool:
        """Says whether Temporal answers within two seconds."""
        try:
            async with asyncio.timeout(PROMPT.total_seconds()):
                client = await self.client()
                await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=PROMPT)
        except (RPCError, RuntimeError, OSError, TimeoutError):
            return False
        return True

    async def update(self, enrolment_id: str, name: str, *args: str) -> None:
        """Gives a run an operator's word.

        Raises Problem `run_ended`, `run_not_begun`, `refused_by_run` or `runs_unavailable`.
        """
        try:
            handle = (await self.client()).get_workflow_handle(workflow_id(enrolment_id))
            await handle.execute_update(name, args=list(args), rpc_timeout=PATIENCE)
        except WorkflowUpdateFailedError as failed:
            raise _refusal(failed.cause) from None
        except RPCError as error:
            if error.status in _AWAY:
                raise Problem("runs_unavailable", headers={"Retry-After": "5"}) from None
            if error.status is RPCStatusCode.NOT_FOUND:
                over = "completed" in error.message
                raise Problem("run_ended" if over else "run_not_begun") from None
            raise
        except (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError, OSError, TimeoutError):
            raise Problem("runs_unavailable", headers={"Retry-After": "5"}) from None


def _refusal(cause: BaseException | None) -> Problem:
    if isinstance(cause, ApplicationError):
        if cause.type == "run_ended":
            return Problem("run_ended")
        if cause.type == "wrong_state":
            return Problem("refused_by_run", f"{cause.message.capitalize()}.")
    return Problem("refused_by_run")
