"""How an operator's word reaches a run.

OrderRefused
  run_ended         the run is over
  run_not_begun     its workflow is not there yet
  refused_by_run    the run cannot do this now; the message says why
  runs_unavailable  Temporal does not answer
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from model.runs import workflow_id

PATIENCE: Final = timedelta(seconds=10)
_AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.INTERNAL,
    }
)

AT_WORK: Final = "The run is at work: try again."
"""What a run answers that cannot take a word now; Temporal says so too where news came in the same moment."""

Why = Literal["run_ended", "run_not_begun", "refused_by_run", "runs_unavailable"]


class OrderRefused(Exception):
    """A run did not take an operator's word; `code` says why, the message more where the run said more."""

    def __init__(self, code: Why, message: str = "") -> None:
        super().__init__(message)
        self.code: Why = code


async def give_order(client: Client, enrolment_id: str, name: str, *args: object) -> None:
    """Gives a run an operator's word, which it takes or refuses at once; raises OrderRefused."""
    try:
        handle = client.get_workflow_handle(workflow_id(enrolment_id))
        await handle.execute_update(name, args=list(args), rpc_timeout=PATIENCE)
    except WorkflowUpdateFailedError as failed:
        raise _refusal(failed.cause) from None
    except RPCError as error:
        if error.status in _AWAY:
            raise OrderRefused("runs_unavailable") from None
        if error.status is RPCStatusCode.NOT_FOUND:
            raise OrderRefused("run_ended" if "completed" in error.message else "run_not_begun") from None
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            raise OrderRefused("refused_by_run", AT_WORK) from None
        raise
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError, OSError, TimeoutError):
        raise OrderRefused("runs_unavailable") from None


def _refusal(cause: BaseException | None) -> OrderRefused:
    if isinstance(cause, ApplicationError) and cause.type == "run_ended":
        return OrderRefused("run_ended")
    if isinstance(cause, ApplicationError) and cause.type == "wrong_state":
        return OrderRefused("refused_by_run", f"{cause.message[:1].upper()}{cause.message[1:]}.")
    return OrderRefused("refused_by_run")
