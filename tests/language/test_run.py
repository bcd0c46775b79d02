"""`run` and `inputs` as written: what is refused, and how the tools show an inlined journey."""

from __future__ import annotations

import pytest

from language.compiled import Enter, Journey, Message, dump, load
from language.diagram import mermaid
from language.diff import differences
from language.journey import Project, check_project
from language.picture import overview_svg, stage_svg
from language.picture_graph import overview, stage_graph
from tests.language.golden_files import GOLDEN

INNER = """journey: inner
version: 2
start: {by: request}
inputs: {model: text, amount: number, secret: {type: text, pii: true}}
exit: {event: quote.completed, as: recovered}
steps:
  - email: a
    with: {m: start.model}
  - wait: 2 days
  - if: opened("a")
    then: [end: lost]
"""
OUTER = """journey: outer
version: 1
start: {event: quote.started}
steps:
  - email: z
  - run: inner
    id: one
    with: {model: Ibiza, amount: 3}
    then:
      recovered or lost: [email: b]
  - email: c
"""


def project(outer: str = OUTER, **others: str) -> Project:
    vocabulary = (GOLDEN / "vocabulary.yaml").read_text(encoding="utf-8")
    files = {f"{name}.yaml": text for name, text in {"inner": INNER, **others}.items()}
    return check_project({"outer.yaml": outer, "vocabulary.yaml": vocabulary, **files})


def compiled(outer: str = OUTER, **others: str) -> Journey:
    found = project(outer, **others)
    assert found.errors == (), found.report()
    return found.journeys["outer"]


def wrong(outer: str, **others: str) -> list[str]:
    found = [one for one in project(outer, **others).errors if one.file == "outer.yaml"]
    return [f"{one.line} {one.code} {one.message}" for one in found]


def test_an_inlined_journey_is_compiled_in_and_reads_back_equal() -> None:
    journey = compiled()
    assert load(dump(journey)) == journey
    (enter,) = [item for item in journey.program if isinstance(item, Enter)]
    assert journey.scopes["one"].journey == "inner"
    assert list(journey.stages) == ["steps", "one/steps"]
    assert {item.place.step for item in journey.program if isinstance(item, Message)} == {
        "z",
        "one/a",
        "b",
        "c",
    }
    assert set(enter.returns) == {"recovered", "lost"}
    assert "quote.completed" in journey.hears
    assert journey.endings.keys() == project().journeys["outer"].endings.keys()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("run: inner", "run: innner", "6 J011 there is no journey `innner`"),
        ("run: inner", "run: outer", "6 J027 a journey cannot run itself: `outer` runs `outer`"),
        ("model: Ibiza", "modle: Ibiza", "8 J010 the journey `inner` has no input `modle`"),
        ("amount: 3", "amount: many", "8 J010 `amount` is a number, and this is a text"),
        ("model: Ibiza", "model: lead.email", "8 J037 `model` would carry personal data in the run"),
        ("recovered or lost", "gone", "10 J010 `inner` never ends as `gone`"),
        ("email: c", 'if: returned.x > 3 and clicked("one/b")\n    then: [email: c]', None),
    ],
)
def test_what_cannot_be_is_said_at_its_place(old: str, new: str, said: str | None) -> None:
    found = wrong(OUTER.replace(old, new))
    assert found[0] == said if said else found[0].startswith("11 J010 no message of this journey is called")


def test_a_circle_of_journeys_is_named_whole() -> None:
    third = "journey: third\nversion: 1\nstart: {by: request}\nsteps: [{run: outer}]\n"
    inner = INNER.replace("  - wait: 2 days", "  - run: third")
    chain = "`outer` runs `inner` runs `third` runs `outer`"
    assert wrong(OUTER, inner=inner, third=third) == [f"6 J027 a journey cannot run itself: {chain}"]


def test_what_is_wrong_inside_is_said_once_at_the_step_with_its_place() -> None:
    said = wrong(OUTER, inner=INNER.replace("end: lost", "end: nowhere"))
    assert said == [
        "6 J011 `inner` cannot run here: the vocabulary has no ending `nowhere` (inner.yaml, line 11)"
    ]


def test_a_keyed_journey_around_it_must_be_able_to_hear_its_events() -> None:
    keyed = OUTER.replace("steps:\n  - email: z", "key: start.quote_id\nsteps:\n  - email: z")
    inner = INNER.replace("quote.completed", "lead.updated")
    assert [one[:6] for one in wrong(keyed, inner=inner)] == ["7 J036"]


def test_the_words_of_an_inlined_journey_are_its_own() -> None:
    inner = INNER.replace('if: opened("a")', 'if: opened("z")')
    assert len(wrong(OUTER, inner=inner)) == 1
    outer = OUTER.replace("  - email: c", '  - email: c\n    if: opened("one/a")')
    assert wrong(outer) == []


def test_a_journey_that_never_ends_is_followed_by_nothing() -> None:
    inner = (
        "journey: inner\nversion: 1\nstart: {by: request}\nsteps: [{repeat: for ever, do: [{wait: 1 day}]}]\n"
    )
    outer = OUTER.split("    with:")[0] + "  - email: c\n"
    assert [one[:6] for one in wrong(outer, inner=inner)] == ["8 J023"]


def test_pictures_show_it_as_stages_of_its_own() -> None:
    journey = compiled()
    drawn = mermaid(journey)
    assert 'subgraph "one/steps"' in drawn
    assert '"run one"' in drawn
    graph = overview(journey)
    assert graph.arrows["steps", "one/steps"] == "run"
    assert graph.arrows["one/steps", "steps"] == "returns"
    texts = {card.text: card for card in stage_graph(journey, "steps").cards.values()}
    assert texts["inner 2"].stage == "one/steps"
    for text in (overview_svg(journey), stage_svg(journey, "steps"), stage_svg(journey, "one/steps")):
        assert text.startswith("<svg")


def test_a_diff_speaks_of_the_steps_inside_and_of_the_version() -> None:
    inner = INNER.replace("version: 2", "version: 3").replace("wait: 2 days", "wait: 3 days")
    found = [str(one) for one in differences(compiled(), compiled(inner=inner))]
    assert "runs: inner 2 -> inner 3" in found
    assert any("2 days -> 3 days" in one for one in found)
