"""What a simulated population did: tables for people, CSV files and pictures."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from commands.bars import stacked_bars
from commands.house import say
from commands.output import table
from engine.population import Tally
from language.outline import hours_text
from language.vocabulary import Vocabulary
from model.channels import MESSAGES

MOST_DAYS, MOST_LINES = 14, 12
Rows = list[tuple[object, ...]]


def show(tally: Tally, vocabulary: Vocabulary) -> None:
    """Prints how many came, what they got and how it ended."""
    say(f"{tally.leads} leads: {tally.entered} entered, {sum(tally.refused.values())} were refused")
    for title, headings, rows in _tables(tally, vocabulary):
        if rows:
            say("")
            table((title, *headings), rows[:MOST_LINES], "")
        if len(rows) > MOST_LINES:
            say(f"… and {len(rows) - MOST_LINES} lines more; `--out FOLDER` writes them all")


def as_plain(tally: Tally) -> dict[str, object]:
    """Gives the counts for machines."""
    return {
        "leads": tally.leads, "entered": tally.entered, "going_on": tally.going_on,
        "refused": dict(tally.refused), "endings": dict(tally.endings),
        "goals": [{"goal": g, "of": o, "leads": n} for (g, o), n in sorted(tally.goals.items())],
        "messages": [{"step": s, "channel": c, "sent": n} for (s, c), n in sorted(tally.sent.items())],
        "skipped": [{"step": s, "reason": r, "leads": n} for (s, r), n in sorted(tally.skipped.items())],
        "held": [{"step": s, "reason": r, "times": n} for (s, r), n in sorted(tally.held.items())],
        "branches": [{"step": s, "branch": b, "leads": n} for (s, b), n in sorted(tally.branches.items())],
        "sends": [{"day": d, "channel": c, "sent": n} for (d, c), n in sorted(tally.sends.items())],
        "work": [
            {"queue": q, "day": d, "hour": h, "ready": n} for (q, d, h), n in sorted(tally.work.items())
        ],
        "ready_while_closed": dict(tally.closed),
    }  # fmt: skip


def write(tally: Tally, folder: Path) -> tuple[Path, ...]:
    """Writes the counts as CSV files and pictures (SVG) into a folder; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        _csv(folder / "sends.csv", ("day", "channel", "sent"), _flat(tally.sends)),
        _csv(folder / "work.csv", ("queue", "day", "hour", "ready"), _flat(tally.work)),
        _csv(folder / "endings.csv", ("ending", "leads"), _endings(tally)),
        _csv(folder / "goals.csv", ("goal", "of", "leads"), _flat(tally.goals)),
        _csv(folder / "messages.csv", ("step", "channel", "sent"), _flat(tally.sent)),
        _csv(folder / "skipped.csv", ("step", "reason", "leads"), _flat(tally.skipped)),
        _csv(folder / "branches.csv", ("step", "branch", "leads"), _flat(tally.branches)),
        _picture(folder / "sends.svg", "Messages a day", _days(tally), _by_day(tally)),
        _picture(
            folder / "work.svg",
            "Work that is ready, by hour",
            [f"{h}:00" for h in range(24)],
            _by_hour(tally),
        ),
    ]
    return tuple(files)


def _tables(tally: Tally, vocabulary: Vocabulary) -> list[tuple[str, tuple[str, ...], Rows]]:
    return [
        ("ending", ("leads", "of those who entered"), _endings_with_share(tally)),
        ("goal", ("of those", "reached it"), _flat(tally.goals)),
        ("refused because", ("leads",), [(why, n) for why, n in tally.refused.most_common()]),
        ("message", ("channel", "sent"), _flat(tally.sent)),
        ("skipped", ("because", "leads"), _flat(tally.skipped)),
        ("lost to caps", ("leads",), _lost(tally)),
        ("held at", ("for", "times"), _flat(tally.held)),
        ("busiest days", ("sent",), _busiest(tally)),
        (
            "queue",
            ("open", "ready", "while closed", "busiest hour", "ready in it"),
            _queues(tally, vocabulary),
        ),
        ("branch of", ("branch", "leads"), _flat(tally.branches)),
    ]


def _flat(
    counted: Counter[tuple[str, str]] | Counter[tuple[date, str]] | Counter[tuple[str, date, int]],
) -> Rows:
    return [(*key, number) for key, number in sorted(counted.items())]


def _endings(tally: Tally) -> Rows:
    going = [("(goes on)", tally.going_on)] if tally.going_on else []
    return [*tally.endings.most_common(), *going]


def _endings_with_share(tally: Tally) -> Rows:
    return [
        (name, number, f"{100 * int(str(number)) / max(tally.entered, 1):.1f} %")
        for name, number in _endings(tally)
    ]


def _lost(tally: Tally) -> Rows:
    return [(step, number) for (step, reason), number in sorted(tally.skipped.items()) if reason == "cap"]


def _busiest(tally: Tally) -> Rows:
    days: Counter[date] = Counter()
    for (day, _), number in tally.sends.items():
        days[day] += number
    return [(day.isoformat(), number) for day, number in days.most_common(3)]


def _queues(tally: Tally, vocabulary: Vocabulary) -> Rows:
    ready: defaultdict[str, Counter[tuple[date, int]]] = defaultdict(Counter)
    for (queue, day, hour), number in tally.work.items():
        ready[queue][day, hour] += number
    rows: Rows = []
    for queue, hours in sorted(ready.items()):
        ((day, hour), most), *_ = hours.most_common(1)
        busiest = f"{day:%a} {day} {hour}:00"
        opening = hours_text(vocabulary.queues[queue].hours)
        rows.append((queue, opening, hours.total(), tally.closed[queue], busiest, most))
    return rows


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _days(tally: Tally) -> list[str]:
    days = [day for day, _ in tally.sends]
    if not days:
        return []
    first, last = min(days), max(days)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _by_day(tally: Tally) -> dict[str, list[int]]:
    days = [date.fromisoformat(day) for day in _days(tally)]
    channels = sorted({channel for _, channel in tally.sends} & set(MESSAGES))
    return {channel: [tally.sends[day, channel] for day in days] for channel in channels}


def _by_hour(tally: Tally) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 24)
    for (queue, _, hour), number in tally.work.items():
        found[queue][hour] += number
    return dict(sorted(found.items()))


def _picture(path: Path, title: str, labels: list[str], series: dict[str, list[int]]) -> Path:
    path.write_text(stacked_bars(title, labels, series), encoding="utf-8")
    return path
