"""Mistakes in `scoring.yaml` are found all together, each with its place."""

from __future__ import annotations

import pytest

from tests.scoring.world import RULES, read

GOOD = RULES.read_text(encoding="utf-8")
PRICING = "points: 20, per: day, cap: {n: 2, window: 7 days}, decay: {half_life: 30 days}, strong: true"


def place(text: str, found: str) -> str:
    """Line and column of the first occurrence of a text."""
    before = text[: text.index(found)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "words"),
    [
        (
            "group: web, event: web.landing",
            "group: wep, event: web.landing",
            "J010",
            "wep",
            "unknown group `wep`",
        ),
        ("event: web.pricing", "event: web.prising", "J011", "web.prising", "unknown event"),
        ("id: demo, ", "id: pricing, ", "J026", "pricing, group: intent, event: web.pricing", "two rules"),
        (PRICING, "points: 20", "J002", "{id: pricing", "say how the points go"),
        ("half_life: 60 days", "halflife: 60 days", "J003", "halflife", "unknown word `halflife`"),
        ("half_life: 60 days", "half_life: 2 months", "J005", "2 months", "elapsed time"),
        ("half_life: 60 days", "half_life: 60 dais", "J005", "60 dais", "no length of time"),
        ("window: 30 days", "window: 99999 days", "J005", "99999 days", "100 years"),
        ("points: 15", "points: .nan", "J005", ".nan", "number"),
        ("points: 15, ", "", "J002", "{id: landing", "`points` is missing"),
        ("per: [form, day], cap: {n: 2", "per: [from, day], cap: {n: 2", "J010", "[from", "no field `from`"),
        ("where: event.valid", "where: event.walid", "J010", "event.walid", "walid"),
        (
            "where: event.valid",
            "where: event.valid and lead.size > 3",
            "J028",
            "event.valid and",
            "`lead.size`",
        ),
        ("where: event.valid", "where: days_since(event.at) < 3", "J028", "days_since", "not read by a rule"),
        ('lead.role is "student"', 'lead.email is "x"', "J037", "lead.email", "personal data"),
        ('lead.role is "student"', "lead.signed_up_at < now", "J028", "lead.signed_up_at", "`now`"),
        ('lead.role is "student"', 'did("web.pricing")', "J028", "did(", "`did(…)`"),
        (
            'when: lead.role is "student"',
            'event: web.pricing, when: lead.role is "x"',
            "J002",
            "{id: student",
            "both",
        ),
        (
            "disqualify: education_only",
            "points: 5, cap: {n: 1, window: 1 day}",
            "J028",
            "{n: 1, window: 1 day}",
            "`cap`",
        ),
        ("strong: true, bypass: true", "strong: true", "J010", "demo]", "no rule with `bypass: true`"),
        (
            "points: 1, per: message",
            "points: 1, strong: true, per: message",
            "J028",
            "true, per",
            "buying indicator",
        ),
        (
            "email: {score: engagement, min: -60, max: 20}",
            "email: {score: engagement}",
            "J002",
            "email, event: email.opened",
            "`max`",
        ),
        (
            'group: profile, when: lead.role is "student"',
            'group: web, when: lead.role is "student"',
            "J028",
            "web, when",
            "fit",
        ),
        ("T1: [A1, A2, B1]", "T1: [A1, E2]", "J010", "E2", "`E2`"),
        ('T4: ["*"]', "T4: [C3]", "J002", "{T1", "last tier"),
        ('fit: ">=C"', 'fit: ">=E"', "J010", '">=E"', "unknown grade"),
        ('engagement: ">=100"', 'engagement: "100"', "J005", '"100"', '">="'),
        ('engagement: "<70"', 'engagement: "<170"', "J005", '{engagement: "<170"', "left at or below"),
        ("watch: [80]", "account: {rollup: sum}", "J003", "account", "not supported yet"),
        ("label: sale_90d", "label: sale_90d, supersedes: 2", "J003", "supersedes", "not supported yet"),
        ("kind: rules", "kind: magic", "J005", "magic", "rules"),
        ('{"1": 100', "{1: 100", "J001", "1: 100", "no text"),
        ("min: -100, max: 100", "min: 100, max: 100", "J005", "100, max: 100", "below"),
    ],
)
def test_a_mistake_is_named_at_its_place(old: str, new: str, code: str, where: str, words: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    model, problems = read(text)
    assert model is None
    found = [problem for problem in problems.all if problem.code == code and words in problem.message]
    assert found, problems.all
    assert f"{found[0].line}:{found[0].column}" == place(text, where)


def test_all_mistakes_come_in_one_go() -> None:
    text = (
        GOOD.replace("group: web,", "group: wep,")
        .replace("web.pricing", "web.prising")
        .replace("A2, B1", "Z9")
    )
    _, problems = read(text)
    assert {"J010", "J011"} <= {problem.code for problem in problems.all}
    assert len(problems.all) == 3


@pytest.mark.parametrize("text", ["", "[]", "text", "- a", "model: {", "rules: []", "{}"])
def test_what_is_no_rule_file_is_a_problem_and_no_failure(text: str) -> None:
    model, problems = read(text)
    assert model is None
    assert len(problems) > 0


def test_the_good_file_has_no_problem() -> None:
    model, problems = read(GOOD)
    assert model is not None
    assert problems.all == ()
