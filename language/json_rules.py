"""The JSON Schema of the journey's own rules at the top of its file."""

from __future__ import annotations

from language.json_forms import CONDITION, TEXT, Form, any_of, described, listed, thing


def rule_forms(endings: Form) -> dict[str, Form]:
    """Gives what stands behind each of them; `endings` is any ending that the vocabulary knows."""
    day: Form = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d( at \d?\d:\d\d)?$"}
    return {
        "not_after": described(any_of(endings, listed(endings)), "no entry after a run that ended so"),
        "holdout": described(
            {**TEXT, "pattern": r"^\d+(\.\d+)? percent$", "examples": ["5 percent"]},
            "a share of leads that gets nothing, for comparison",
        ),
        "hold_while": described(CONDITION, "while it holds no message, work or data step begins"),
        "live": described(
            {**thing({"from": day, "until": day}, ()), "minProperties": 1},
            "when leads may enter, the last day included, in the company's zone",
        ),
    }
