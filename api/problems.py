"""Errors as RFC 9457 problem documents, one stable code each.

    HTTPException
    └── Problem          raised by routes: a code of `PROBLEMS`, what was wrong, where

A document says what and where, never the value that was sent: it may be personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException as StarletteHTTPException

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """HTTP status and title of a code."""

    status: int
    title: str


PROBLEMS: Final[Mapping[str, Kind]] = {
    "invalid_json": Kind(400, "The body is not strict JSON"),
    "bad_request": Kind(400, "The request cannot be understood"),
    "unauthenticated": Kind(401, "A valid API key is needed"),
    "forbidden": Kind(403, "The API key lacks the scope"),
    "not_found": Kind(404, "There is nothing here"),
    "unknown_lead": Kind(404, "No lead has this id"),
    "unknown_audience": Kind(404, "No audience has this name"),
    "unknown_thing": Kind(404, "No thing of this kind has this id"),
    "unknown_event": Kind(404, "No event has this source and id"),
    "unknown_journey": Kind(404, "No journey has this name"),
    "unknown_file": Kind(404, "No file of the project and no draft has this name"),
    "unknown_enrolment": Kind(404, "No enrolment has this id"),
    "unknown_task": Kind(404, "No task has this id"),
    "unknown_dead_letter": Kind(404, "No dead letter has this id"),
    "method_not_allowed": Kind(405, "This method is not allowed here"),
    "event_conflict": Kind(409, "The id was used for an event with another body"),
    "thing_of_another_lead": Kind(409, "The thing belongs to another lead"),
    "run_ended": Kind(409, "The run has ended"),
    "run_not_begun": Kind(409, "The run has not begun yet; it is about to"),
    "refused_by_run": Kind(409, "The run cannot do this now"),
    "stale_lease": Kind(409, "The lease is over or belongs to somebody else"),
    "not_startable": Kind(409, "The task cannot be begun"),
    "completion_conflict": Kind(409, "The task was completed under another completion id"),
    "not_by_request": Kind(409, "The journey cannot be begun by request"),
    "draft_conflict": Kind(409, "The draft was saved from elsewhere meanwhile"),
    "published_meanwhile": Kind(409, "Another version was published meanwhile"),
    "journey_refused": Kind(409, "The journey cannot be published so"),
    "filled_by_rule": Kind(409, "The audience is filled by its rule"),
    "no_manual_clock": Kind(409, "The clock cannot be set"),
    "clock_backwards": Kind(409, "The clock only goes forward"),
    "request_id_conflict": Kind(409, "The request id was used with another body"),
    "idempotency_conflict": Kind(409, "The Idempotency-Key was used with another request"),
    "too_large": Kind(413, "The body is larger than 1 MiB"),
    "event_too_large": Kind(413, "The event is larger than 32 KiB"),
    "unsupported_media_type": Kind(415, "The body must be application/json"),
    "invalid_request": Kind(422, "The request has mistakes"),
    "no_event_accepted": Kind(422, "No event of the batch was accepted"),
    "reserved_type": Kind(422, "This type of event is made by the system itself"),
    "at_in_future": Kind(422, "The time is more than a day ahead of the clock"),
    "unknown_outcome": Kind(422, "The task does not know this outcome"),
    "internal_error": Kind(500, "Something went wrong on our side"),
    "no_scorer": Kind(503, "No scorer is configured"),
    "no_project": Kind(503, "The folder of journeys is not there"),
    "store_unavailable": Kind(503, "The database does not answer"),
    "runs_unavailable": Kind(503, "Temporal does not answer"),
}


class Fault(BaseModel):
    """One mistake: `pointer` is a JSON Pointer into the body, `parameter` one of path, query or header."""

    model_config = ConfigDict(frozen=True)

    pointer: str | None = Field(None, examples=["/lead/phone"])
    parameter: str | None = Field(None, examples=["limit"])
    message: str = Field(examples=["not a valid phone number in international form"])


class ProblemDocument(BaseModel):
    """What every error answers, as `application/problem+json`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(examples=["urn:cauce:problem:invalid_request"])
    title: str = Field(examples=["The request has mistakes"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["invalid_request"])
    detail: str | None = Field(None, examples=["1 mistake"])
    errors: tuple[Fault, ...] = Field((), description="Each mistake with its place.")


class Problem(HTTPException):
    """A request is answered with the problem of this code."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extensions: JsonValue,
    ) -> None:
        super().__init__(PROBLEMS[code].status, detail, dict(headers or {}))
        self.code = code
        self.text = detail
        self.errors = tuple(errors)
        self.extensions = extensions

    def response(self) -> JSONResponse:
        """Writes the problem document."""
        return problem_response(self.code, self.text, self.errors, self.headers, self.extensions)


def problem_response(
    code: str,
    detail: str | None = None,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    extensions: Mapping[str, JsonValue] | None = None,
) -> JSONResponse:
    """Writes a problem document; `extensions` stand beside its own members."""
    kind = PROBLEMS[code]
    body: dict[str, JsonValue] = {
        "type": f"urn:cauce:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "code": code,
        **({"detail": detail} if detail else {}),
        **({"errors": [fault.model_dump(exclude_none=True) for fault in errors]} if errors else {}),
        **(extensions or {}),
    }
    return JSONResponse(body, kind.status, dict(headers or {}), MEDIA_TYPE)


async def on_http_exception(_: Request, error: Exception) -> JSONResponse:
    """Answers a Problem, and what the framework raises by status."""
    if isinstance(error, Problem):
        return error.response()
    assert isinstance(error, StarletteHTTPException)
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
    fallback = "bad_request" if error.status_code < 500 else "internal_error"
    return problem_response(codes.get(error.status_code, fallback), headers=error.headers)


async def on_validation_error(_: Request, error: Exception) -> JSONResponse:
    """Answers mistakes in body, path, query or headers."""
    assert isinstance(error, RequestValidationError)
    found = [fault(problem) for problem in error.errors()]
    return problem_response("invalid_request", count(len(found)), found)


def count(mistakes: int) -> str:
    """Says how many mistakes there are."""
    return "1 mistake" if mistakes == 1 else f"{mistakes} mistakes"


def fault(problem: ErrorDetails) -> Fault:
    """Turns one of the framework's errors into a place and a message without the value."""
    where, *path = problem["loc"] or ("body",)
    if where == "body":
        return Fault(pointer=pointer(path), message=_message(problem))
    return Fault(parameter=str(path[-1] if path else where), message=_message(problem))


def faults(invalid: ValidationError) -> tuple[Fault, ...]:
    """Turns the errors of a model into places and messages without the values."""
    found = invalid.errors(include_url=False, include_input=False, include_context=False)
    return tuple(Fault(pointer=pointer(one["loc"]), message=_message(one)) for one in found)


def pointer(path: Sequence[int | str]) -> str:
    """Writes a JSON Pointer; it ends before a name that could itself be personal data, and before markers."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, str) and not _PLAIN_NAME.fullmatch(part):
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)


def plain_name(name: str) -> str | None:
    """Gives a name that a client made up, unless it could itself be personal data."""
    return name if _PLAIN_NAME.fullmatch(name) else None


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_SAFE_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "union_tag_invalid": "is of no known kind",
    "json_invalid": "is not valid JSON",
    "enum": "is not one of the known values",
}


def _message(problem: ErrorDetails) -> str:
    safe = _SAFE_MESSAGES.get(problem["type"])
    return safe or problem["msg"].removeprefix("Value error, ")
