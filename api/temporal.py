"""The client of Temporal: connected when first needed, so that the API stays up without it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from api.problems import Problem
from runtime.connect import connect
from runtime.orders import PATIENCE, OrderRefused, give_order
from runtime.virtual_time import VirtualTime
from settings import Settings

PROMPT: Final = timedelta(seconds=2)


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

    async def update(self, enrolment_id: str, name: str, *args: object) -> None:
        """Gives a run an operator's word.

        Raises Problem `run_ended`, `run_not_begun`, `refused_by_run` or `runs_unavailable`.
        """
        try:
            await give_order(await self.client(), enrolment_id, name, *args)
        except OrderRefused as refused:
            raise problem_of(refused) from None
        except (RPCError, RuntimeError, OSError, TimeoutError):
            raise problem_of(OrderRefused("runs_unavailable")) from None


def problem_of(refused: OrderRefused) -> Problem:
    """Gives the answer where a run did not take an operator's word."""
    if refused.code == "runs_unavailable":
        return Problem(refused.code, headers={"Retry-After": "5"})
    return Problem(refused.code, str(refused) or None)
