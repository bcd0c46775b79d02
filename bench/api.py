"""The API under load: how soon an event is acknowledged."""

from __future__ import annotations

from bench import leads
from bench.house import House
from bench.machine import percentile
from bench.report import Row, judged, plain

RATE = 200.0


async def measure(house: House, seconds: float) -> list[Row]:
    """Posts 200 events a second about leads that the house knows; intake scores them meanwhile."""
    known = leads.addresses(50)
    await house.wire.flood(leads.events("interest.shown", known))
    total = round(RATE * seconds)
    events = leads.events("interest.shown", [known[index % len(known)] for index in range(total)])
    took = await house.wire.pace(events, RATE)
    return [
        judged("POST /v1/events at 200 a second, p95", 1000 * percentile(took, 0.95), "ms", "<=", 50),
        plain("  median", 1000 * percentile(took, 0.5), "ms"),
    ]
