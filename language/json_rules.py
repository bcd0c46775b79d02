"""The JSON Schema of the journey's own rules at the top of its file."""

from __future__ import annotations

from typing import get_args

from language.json_forms import CONDITION, LENGTH, TEXT, WHOLE, Form, any_of, described, listed, one_of, thing
from language.rules import Priority


def rule_forms(endings: Form) -> dict[str, Form]:
    """Gives what stands behind each of them; `endings` is any ending that the vocabulary knows."""
    day: Form = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d( at \d?\d:\d\d)?$"}
    return {
        "not_after": described(any_of(endings, listed(endings)), "no entry after a run that ended so"),
        "holdout": described(
            {**TEXT, "pattern": r"^\d+(\.\d+)? percent$", "examples": ["5 percent"]},
            "a share of leads that gets nothing, for comparison",
        ),
        "pace": described(
            {
                **TEXT,
                "pattern": r"^(\d+ per .+|spread over .+)$",
                "examples": ["500 per hour", "spread over 30 days"],
            },
            "how fast leads enter; the others wait for their turn",
        ),
        "at_a_time": described(
            any_of(WHOLE, {**TEXT, "pattern": r"^\d+( per account)?$", "examples": ["200", "5 per account"]}),
            "how many runs may be open; the others wait for their turn",
        ),
        "priority": described(one_of(get_args(Priority)), "who goes first when caps or queues are short"),
        "hold_while": described(CONDITION, "while it holds no message, work or data step begins"),
        "live": described(
            {**thing({"from": day, "until": day}, ()), "minProperties": 1},
            "when leads may enter, the last day included, in the company's zone",
        ),
    }


def winner_form(events: Form) -> Form:
    """Gives what stands behind `winner` of a split; `events` is any that the vocabulary knows."""
    decide: Form = {
        "type": "string",
        "pattern": r"^(after \d+( leads)?|.+ after the first)$",
        "examples": ["after 1000", "2 days after the first"],
    }
    parts = {"by": events, "within": LENGTH, "decide": decide}
    return described(thing(parts, parts), "sends everyone later down the best arm")
