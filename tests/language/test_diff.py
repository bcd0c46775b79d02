"""`diff`: what changed between two versions, in steps and plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.compiled import Journey, dump, load
from language.diff import differences
from language.journey import check_project, kind_of

SHIPPED = Path(__file__).parents[2] / "journey_defs"
VOCABULARY = (SHIPPED / "vocabulary.yaml").read_text("utf-8")
JOURNEYS = sorted(path for path in SHIPPED.glob("*.yaml") if kind_of(path.name) == "journey")
WELCOME, QUOTE, DEALER = "welcome_drip", "abandoned_quote", "dealer_lead"


def compiled(text: str) -> Journey:
    project = check_project({"vocabulary.yaml": VOCABULARY, "x.yaml": text})
    assert not project.errors, project.report()
    return next(iter(project.journeys.values()))


def changed(name: str, *replacements: tuple[str, str]) -> list[str]:
    before = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    after = before
    for old, new in replacements:
        assert old in after
        after = after.replace(old, new, 1)
    return [str(change) for change in differences(compiled(before), compiled(after))]


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.name)
def test_a_journey_does_not_differ_from_itself_nor_from_what_the_store_gives_back(path: Path) -> None:
    journey = compiled(path.read_text("utf-8"))
    assert differences(journey, journey) == ()
    assert differences(load(dump(journey)), journey) == ()


def test_a_wait_is_named_by_what_it_comes_before() -> None:
    assert changed(WELCOME, ("wait: 5 days", "wait: 3 days")) == [
        "the wait before `last_words`: 5 days -> 3 days"
    ]


def test_a_comment_or_a_note_is_no_change() -> None:
    assert (
        changed(WELCOME, ("  - email: welcome\n", "  # hello\n  - email: welcome\n    note: the first\n"))
        == []
    )


def test_a_step_that_comes_or_goes_says_where() -> None:
    step = ("      - sms: quick_question", "      - email: last_words_2\n      - sms: quick_question")
    assert changed(WELCOME, step) == ["added: email `last_words_2`, after the choice `lead.score >= 70` (no)"]
    assert changed(WELCOME, ("  - email: welcome\n", "")) == ["removed: email `welcome`, at the beginning"]


def test_a_new_step_says_how_its_ways_end() -> None:
    step = (
        "  - wait: 5 days",
        "  - if: lead.score < 0\n    then:\n      - sms: sorry\n      - end: lost\n  - wait: 5 days",
    )
    assert (
        changed(WELCOME, step)[1]
        == "added: sms `sorry`, after the choice `lead.score < 0` (yes); ends as lost"
    )


def test_a_step_that_moves_is_said_once() -> None:
    assert changed(
        WELCOME,
        ("  - email: last_words\n  - end", "  - end"),
        ("  - email: welcome\n", "  - email: last_words\n  - email: welcome\n"),
    ) == ["moved: email `last_words`, now at the beginning"]


def test_a_step_that_goes_to_another_stage_moves() -> None:
    moved = changed(
        DEALER,
        ("    - email: thank_you\n      with: {model: lead.model_interest}\n", ""),
        ("  recovery:\n", "  recovery:\n    - email: thank_you\n      with: {model: lead.model_interest}\n"),
    )
    assert moved == ["moved: email `thank_you`, now at the beginning of recovery"]


def test_parts_of_a_step_are_compared_in_words() -> None:
    assert changed(
        QUOTE,
        ("by: [sms, email]", "by: [email, sms]"),
        ("due: 15 minutes", "due: 10 minutes"),
        ("at: start.expires_at - 1 day", "at: start.expires_at - 2 days"),
        ("offer_10: 50, free_delivery: 50", "offer_10: 30, free_delivery: 70"),
        ("within: 3 days", "within: 4 days"),
    ) == [
        "email or sms `need_a_hand`: channels sms, email -> email, sms",
        "the wait for help.requested or lead.score >= 80: within 3 days -> 4 days",
        "call `quote_help`: due 15 minutes -> 10 minutes",
        "`which_offer`: shares offer_10 50 %, free_delivery 50 % -> offer_10 30 %, free_delivery 70 %",
        "email `last_day`: at start.expires_at - 1 day -> start.expires_at - 2 days",
    ]


def test_a_condition_and_what_starts_a_wait_over_are_compared() -> None:
    assert changed(WELCOME, ("lead.score >= 70", "lead.score >= 60")) == [
        "the choice after 2 days: lead.score >= 70 -> lead.score >= 60"
    ]
    assert changed(QUOTE, ("    restart_on: quote.changed\n", "")) == [
        "the wait before `your_quote_is_saved`: restart_on quote.changed -> nothing"
    ]


def test_an_outcome_that_leads_elsewhere_says_from_where_to_where() -> None:
    assert changed(WELCOME, ("not_interested: [end: not_interested]", "not_interested: go_on")) == [
        "call `intro_call`: not_interested ends as not_interested -> leads to the wait before `last_words`"
    ]
    assert changed(DEALER, ("not_ready: [go_to: quiet]", "not_ready: [go_to: recovery]")) == [
        "call `confirm_interest`: not_ready goes to quiet -> goes to recovery"
    ]


def test_a_step_before_an_ending_that_goes_away_leaves_the_ending() -> None:
    one = ("          - email: could_not_reach_you\n          - go_to: quiet\n", "          - go_to: quiet\n")
    found = changed(DEALER, one)
    assert found == ["removed: email `could_not_reach_you`, after call `confirm_interest` (busy, no_answer)"]


def test_what_holds_for_the_whole_journey_is_compared() -> None:
    assert changed(
        QUOTE,
        ("again: after 30 days", "again: never\nlife: 6 months\nzone: Europe/Madrid"),
        ('if: can_reach("email")', 'if: can_reach("sms")'),
        ("as: recovered", "as: bought"),
        ("within: 14 days", "within: 7 days"),
    ) == [
        "again: after 30 days -> never",
        "zone: the lead's -> Europe/Madrid",
        "life: 12 months -> 6 months",
        'start quote.started: if can_reach("email") -> if can_reach("sms")',
        "exit quote.completed: ends as recovered -> ends as bought",
        "goal quote.completed: quote.completed within 14 days -> quote.completed within 7 days",
    ]


def test_lines_that_come_and_go_and_stages_are_named() -> None:
    found = changed(
        DEALER,
        ("exit:\n", "exit:\n  - event: purchase.completed\n    as: bought\n"),
        ("in: [survey, quiet, recovery]", "in: [survey, quiet]"),
        ("  bought:", "  sold:"),
        ("go_to: bought", "go_to: sold"),
        (", recovery]\n    go_to: sold", "]\n    go_to: sold"),
    )
    assert "added: exit purchase.completed, ends as bought" in found
    assert "removed: stage bought" in found
    assert "added: stage sold" in found
    was, now = "leads to visited, in survey, quiet, recovery", "leads to visited, in survey, quiet"
    assert f"whenever visit.registered: {was} -> {now}" in found


def test_the_effect_of_an_outcome_in_the_vocabulary_is_a_change() -> None:
    text = (SHIPPED / "welcome_drip.yaml").read_text("utf-8")
    head, tail = VOCABULARY.split("  inside_sales:", 1)
    other = head + "  inside_sales:" + tail.replace("effect: never_call", "effect: reached", 1)
    project = check_project({"vocabulary.yaml": other, "x.yaml": text})
    assert [str(one) for one in differences(compiled(text), project.journeys["welcome_drip"])] == [
        "outcome do_not_call of inside_sales: means never_call -> means reached"
    ]


def test_two_journeys_that_have_nothing_in_common_are_compared_in_a_moment() -> None:
    steps = "".join(f"  - email: mail_{number}\n  - wait: {number + 1} days\n" for number in range(250))
    head = "journey: x\nversion: 1\nstart: {event: quote.started}\nlife: 90 years\nsteps:\n"
    long = compiled(head + steps)
    dealer = compiled((SHIPPED / "dealer_lead.yaml").read_text("utf-8"))
    assert len(differences(long, dealer)) > 500
    assert len(differences(long, compiled(head + steps.replace("mail_100\n", "other\n")))) == 2
