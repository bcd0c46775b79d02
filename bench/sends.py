"""A send as a local activity and as a normal one, side by side (docs/decisions/0002)."""

from __future__ import annotations

from bench.report import Row, plain
from bench.throughput import Flow


def rows(local: Flow, normal: Flow) -> list[Row]:
    """Sets both ways side by side; ratios are local over normal."""
    ms_local, ms_normal = local.milliseconds(local.cpu.worker), normal.milliseconds(normal.cpu.worker)
    server, server_normal = local.milliseconds(local.cpu.temporal), normal.milliseconds(normal.cpu.temporal)
    return [
        plain(
            "sends as local activities: journeys a second",
            local.per_second,
            "1/s",
            ratio=local.per_second / normal.per_second,
        ),
        plain("  as normal activities", normal.per_second, "1/s"),
        plain("  worker CPU a journey, local", ms_local, "ms", ratio=ms_local / ms_normal),
        plain("  worker CPU a journey, normal", ms_normal, "ms"),
        plain("  Temporal CPU a journey, local", server, "ms", ratio=server / server_normal),
        plain("  Temporal CPU a journey, normal", server_normal, "ms"),
        plain(
            "  history events a journey, local",
            local.history_events,
            "events",
            ratio=local.history_events / normal.history_events,
        ),
        plain("  history events a journey, normal", normal.history_events, "events"),
    ]
