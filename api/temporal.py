"""The client of Temporal: connected when first needed, so that the API stays up without it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from api.problems import Problem
from model.runs import workflow_id
from settings import Settings

PATIENCE: Final = timedelta(seconds=10)
PROMPT: Final = timedelta(seconds=2)
MOST_TIMERS: Final = 100_000
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
        self._address = settings.temporal_address or f"127.0.0.1:{settings.temporal_port}"
        self._namespace = settings.temporal_namespace
        self._frozen = settings.clock == "manual"
        self._lock = asyncio.Lock()
        self._client: Client | None = None

    async def client(self) -> Client:
        """Gives the client, connecting if need be; raises what temporalio raises where nobody answers."""
        async with self._lock:
            if self._client is None:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    plain = await Client.connect(
                        self._address, namespace=self._namespace, data_converter=pydantic_data_converter
                    )
                self._client = self._standing_still(plain) if self._frozen else plain
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

        Raises Problem `run_ended`, `refused_by_run`, `runs_unavailable` where nobody answers.
        """
        try:
            handle = (await self.client()).get_workflow_handle(workflow_id(enrolment_id))
            await handle.execute_update(name, args=list(args), rpc_timeout=PATIENCE)
        except WorkflowUpdateFailedError as failed:
            raise _refusal(failed.cause) from None
        except RPCError as error:
            if error.status in _AWAY:
                raise Problem("runs_unavailable", headers={"Retry-After": "5"}) from None
            if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                raise Problem("run_ended") from None
            raise
        except (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError, OSError, TimeoutError):
            raise Problem("runs_unavailable", headers={"Retry-After": "5"}) from None

    def _standing_still(self, client: Client) -> Client:
        config = TimeSkippingConfig(enabled=False, max_session_skip_count=MOST_TIMERS)
        return TimeSkipper(client, config=config).client


def _refusal(cause: BaseException | None) -> Problem:
    if isinstance(cause, ApplicationError):
        if cause.type == "run_ended":
            return Problem("run_ended")
        if cause.type == "wrong_state":
            return Problem("refused_by_run", f"{cause.message.capitalize()}.")
    return Problem("refused_by_run")
