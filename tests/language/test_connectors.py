"""What the tools say of `fetch`, `webhook` and things."""

from __future__ import annotations

from language.diagram import mermaid
from language.diff import differences
from language.format import formatted
from language.json_schema import journey_schema
from tests.language.compiling import compiled, project

FETCH = """
steps:
  - fetch: router
    with: {lead_id: lead.id, value: 3}
    else: [end: lost]
  - email: a
"""


def test_a_change_of_what_is_asked_is_told_in_words() -> None:
    before, after = compiled(FETCH), compiled(FETCH.replace("3", "4").replace("    else: [end: lost]\n", ""))
    assert [str(change) for change in differences(before, after)] == [
        "`fetch router`: with lead_id: lead.id, value: 3 -> lead_id: lead.id, value: 4",
        "removed: branch no answer of `fetch router`",
    ]


def test_a_drawing_shows_the_way_without_an_answer() -> None:
    drawing = mermaid(compiled(FETCH))
    assert "fetch router" in drawing
    assert "no answer" in drawing


def test_words_stand_in_their_order() -> None:
    step = "  - else: [end: lost]\n    with: {lead_id: lead.id}\n    fetch: router\n"
    mixed = f"journey: a\nversion: 1\nsteps:\n{step}"
    lines = [line.strip() for line in formatted("a.yaml", mixed, "journey").splitlines()[3:]]
    assert [line.lstrip("- ").partition(":")[0] for line in lines] == ["fetch", "with", "else"]


def test_editors_complete_connectors_and_the_fields_of_things() -> None:
    schema = str(journey_schema(project(FETCH).vocabulary))
    assert "'step_fetch'" in schema
    assert "'router'" in schema
    assert "'policy.status'" in schema
    assert "'policy.policy_id'" not in schema
