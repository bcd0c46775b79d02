"""Keeps words that may hold personal data out of Temporal: a failure crosses as its kind alone."""

from __future__ import annotations

import traceback

import structlog
from temporalio.activity import info
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

log = structlog.get_logger(__name__)


class Discreet(Interceptor):
    """Wraps every activity of a worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Puts the wrapper around an activity."""
        return _DiscreetActivity(next)


class _DiscreetActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002
        """Runs the activity; what it raises is logged here and crosses without its text."""
        try:
            return await super().execute_activity(input)
        except Exception as error:  # noqa: BLE001
            kind = type(error).__name__
            frame = traceback.extract_tb(error.__traceback__)[-1]
            about = info()
            log.warning(
                "activity failed",
                activity=about.activity_type,
                run=about.workflow_id,
                error=kind,
                at=f"{frame.filename}:{frame.lineno}",
            )
            raise ApplicationError(f"{about.activity_type} failed", type=kind) from None
