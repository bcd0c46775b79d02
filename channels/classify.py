"""What a failure or an HTTP status means for a message, whoever the provider is.

| what happened | receipt |
|---|---|
| name, connection or TLS failed before the request left | `NotSent`, transient |
| 429 | `NotSent`, transient, after what the headers ask for |
| 401 403 404 405 407: key, account, sender, address of the API | `NotSent`, configuration |
| 413 | `Rejected`, content |
| redirect, 408, 5xx, a 2xx that is not the provider's, dropped, out of time | `Unknown` |

Other 4xx are the provider's to read: with its error body they are `Rejected`, without it `Unknown`, since
something else may have answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from channels.wire import Answer, NotReached, WireFailure
from model.messages import NotSent, Receipt, Rejected, Unknown

CONFIGURATION = frozenset({401, 403, 404, 405, 407})
PAUSE = 30.0
LONGEST_PAUSE = 86_400.0


def of_failure(failure: WireFailure) -> NotSent | Unknown:
    """Says what a call without a whole answer means."""
    if isinstance(failure, NotReached):
        return NotSent(failure.reason, "transient", PAUSE)
    return Unknown(failure.reason)


def of_status(answer: Answer, now: float) -> Receipt | None:
    """Says what the status alone means at `now` (Unix seconds); None for the 4xx that the body decides."""
    reason = f"http_{answer.status}"
    if answer.status == 429:
        return NotSent(reason, "transient", retry_after(answer.headers, now))
    if answer.status in CONFIGURATION:
        return NotSent(reason, "configuration")
    if answer.status == 413:
        return Rejected(reason, "content")
    if 400 <= answer.status < 500 and answer.status != 408:
        return None
    return Unknown("bad_answer" if 200 <= answer.status < 300 else reason)


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """Reads how many seconds to wait: `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (Unix).

    At least a second, at most a day; `PAUSE` where nothing legible is said.
    """
    asked = _seconds(headers.get("retry-after"), now)
    if asked is None:
        reset = _number(headers.get("x-ratelimit-reset"))
        asked = None if reset is None else reset - now
    return PAUSE if asked is None else min(max(asked, 1.0), LONGEST_PAUSE)


def _seconds(value: str | None, now: float) -> float | None:
    number = _number(value)
    if number is not None or value is None:
        return number
    try:
        return parsedate_to_datetime(value).timestamp() - now
    except ValueError:
        return None


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and value.isascii() and value.isdigit() else None
