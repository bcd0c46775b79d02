"""What journeys compile to: jumps, branches, calls, and what a run has to be told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language.compiled import (
    Assign,
    End,
    Instruction,
    Jump,
    Listen,
    Loop,
    LoopBack,
    Message,
    Restart,
    RetryPlan,
    SideEnd,
    Split,
    Wait,
    Work,
    digest,
    dump,
    load,
)
from language.compiled import (
    Test as Decision,
)
from language.diagram import mermaid
from language.facts import to_text
from language.journey import check_project
from model.time import After, Hours, Length, Moment, NextClock
from runtime.folders import files_of
from templates.store import Templates
from tests.language.compiling import codes, compiled

SHIPPED = Path(__file__).parents[2] / "journey_defs"
CALL = (
    "steps:\n  - call: intro\n    queue: sales\n"
    "    outcomes: {interested: [end: recovered], not_interested: go_on, busy: go_on, expired: go_on}\n"
)


def kinds(program: tuple[Instruction, ...]) -> list[str]:
    return [item.kind for item in program]


def work(extra: str) -> Work:
    found = compiled(CALL + extra).program[0]
    assert isinstance(found, Work)
    return found


def test_steps_end_as_finished() -> None:
    program = compiled("steps:\n  - email: welcome\n  - wait: 2 days at 9:00\n").program
    assert kinds(program) == ["message", "wait", "end"]
    assert program[2] == End(program[2].place, "finished")
    assert isinstance(program[1], Wait)
    assert program[1].until == After(Length(days=2), 540)


def test_an_if_leads_to_its_two_branches_and_on() -> None:
    program = compiled(
        "steps:\n  - if: lead.score > 3\n    then: [email: a]\n    else: [email: b]\n  - email: c\n"
    ).program
    assert kinds(program) == ["test", "message", "jump", "message", "message", "end"]
    first, jump = program[0], program[2]
    assert isinstance(first, Decision)
    assert (first.then_name, first.else_name, first.else_) == ("yes", "no", 3)
    assert isinstance(jump, Jump)
    assert jump.target == 4


def test_a_branch_that_ends_needs_no_jump() -> None:
    program = compiled("steps:\n  - if: lead.score > 3\n    then: [end: lost]\n  - email: c\n").program
    assert kinds(program) == ["test", "end", "message", "end"]


def test_choose_is_a_chain_of_tests_named_by_their_conditions() -> None:
    text = (
        "steps:\n  - choose:\n      - if: lead.score > 9\n        then: [email: a]\n"
        "      - if: lead.score > 3\n        then: [email: b]\n      - else: [email: c]\n"
    )
    tests = [item for item in compiled(text).program if isinstance(item, Decision)]
    assert [(item.then_name, item.else_name) for item in tests] == [
        ("lead.score > 9", ""),
        ("lead.score > 3", "else"),
    ]
    assert compiled(text).program[tests[0].else_] == tests[1]


def test_a_condition_on_a_verb_that_cannot_carry_one_becomes_a_test_around_it() -> None:
    program = compiled(
        "steps:\n  - end: lost\n    if: lead.score > 3\n  - email: welcome\n    if: lead.score > 4\n"
    ).program
    assert kinds(program) == ["test", "end", "message", "end"]
    assert isinstance(program[0], Decision)
    assert (program[0].else_, program[0].then_name) == (2, "")
    assert isinstance(program[2], Message)
    assert program[2].condition is not None
    assert to_text(program[2].condition) == "lead.score > 4"


def test_split_arms_have_shares_and_targets() -> None:
    program = compiled(
        "steps:\n  - split: {a: 70, b: 30}\n    id: which\n    draw: each run\n"
        "    then: {a: [email: a], b: go_on}\n"
    ).program
    split = program[0]
    assert isinstance(split, Split)
    assert [(arm.name, arm.share, arm.target) for arm in split.arms] == [("a", 70, 1), ("b", 30, 2)]
    assert split.each_run


def test_a_repeat_goes_back_to_its_head_and_out_behind_its_end() -> None:
    program = compiled(
        "steps:\n  - repeat: {until: round > 3, at_most: 10}\n    do: [wait: 1 day]\n  - email: a\n"
    ).program
    assert kinds(program) == ["loop_start", "loop", "wait", "loop_back", "message", "end"]
    head, back = program[1], program[3]
    assert isinstance(head, Loop)
    assert isinstance(back, LoopBack)
    assert (head.at_most, head.exit, back.target, back.loop) == (10, 4, 1, head.loop)


def test_first_of_leads_each_line_to_its_branch_and_restarts_from_within() -> None:
    text = (
        "steps:\n  - first_of:\n      - event: quote.changed\n        then: [restart: this]\n"
        "      - if: lead.score > 80\n        then: [email: hot]\n    within: 3 days\n"
        "    else: [email: cold]\n"
    )
    program = compiled(text).program
    listen = program[0]
    assert isinstance(listen, Listen)
    assert [program[line.target].kind for line in listen.lines] == ["restart", "message"]
    assert program[listen.lines[0].target] == Restart(program[1].place, 0)
    otherwise = program[listen.else_]
    assert isinstance(otherwise, Message)
    assert otherwise.template == "cold"


def test_a_state_that_already_holds_cannot_restart_its_wait() -> None:
    assert codes(
        "steps:\n  - first_of:\n      - if: lead.score > 80\n        then: [restart: this]\n"
        "    within: 1 day\n"
    ) == ["J028"]


def test_unlisted_no_answer_goes_on_and_expired_follows_it_where_it_is_handled() -> None:
    handled = CALL.replace("busy: go_on, expired: go_on", "busy or no_answer: [email: sorry]")
    outcomes = compiled(handled).program[0]
    assert isinstance(outcomes, Work)
    assert outcomes.outcomes["expired"] == outcomes.outcomes["no_answer"] == outcomes.outcomes["busy"]
    assert "later" not in outcomes.outcomes
    assert work("").outcomes["no_answer"] == work("").outcomes["not_interested"]


@pytest.mark.parametrize(
    ("extra", "attempts", "plans"),
    [
        ("", 1, ()),
        (
            "    attempts: 3 every 1 day\n", 3,
            (RetryPlan("busy", (Length(days=1),), True), RetryPlan("no_answer", (Length(days=1),), True)),
        ),
        ("    retry: {busy: 20 minutes}\n", None, (RetryPlan("busy", (Length(seconds=1200),), True),)),
        (
            "    retry: {busy: 5 times every 20 minutes}\n    attempts: 8\n", 8,
            (RetryPlan("busy", (Length(seconds=1200),), True, 5),),
        ),
        (
            "    retry: {no_answer: [2 hours, 3 weeks]}\n", None,
            (RetryPlan("no_answer", (Length(seconds=7200), Length(days=21)), False),),
        ),
    ],
)  # fmt: skip
def test_attempts_and_retry_become_plans(
    extra: str, attempts: int | None, plans: tuple[RetryPlan, ...]
) -> None:
    assert (work(extra).attempts, work(extra).retry) == (attempts, plans)


def test_work_expires_as_the_vocabulary_says_unless_the_step_says_otherwise() -> None:
    assert work("").expires == Length(days=2)
    assert work("    expires: 3 business days\n").expires == Length(business_days=3)
    assert work("    expires: never\n").expires is None
    assert isinstance(work("    expires: until start.expires_at\n").expires, Moment)


def test_what_is_done_when_work_is_overdue_stands_behind_the_program_and_ends_by_itself() -> None:
    journey = compiled(CALL + "    due: 1 hour\n    overdue: [notify: managers]\n")
    first = journey.program[0]
    assert isinstance(first, Work)
    assert first.overdue is not None
    assert kinds(journey.program[first.overdue :]) == ["notify", "side_end"]
    assert isinstance(journey.program[-1], SideEnd)


def test_stages_and_whenever_know_where_they_begin() -> None:
    journey = compiled(
        "whenever:\n  - {event: quote.changed, in: [first], go_to: second}\n"
        "  - event: quote.completed\n    do: [score: +5]\n"
        "stages:\n  first:\n    - wait: until monday at 9:00\n    - go_to: second\n"
        "  second:\n    - end: recovered\n"
    )
    assert journey.stages == {"first": 0, "second": 2}
    assert isinstance(journey.program[0], Wait)
    assert journey.program[0].until == NextClock(540, 0)
    assert [line.stage for line in journey.whenever] == ["second", None]
    assert kinds(journey.program[journey.whenever[1].line.target :]) == ["score", "side_end"]


def test_step_ids_are_the_values_and_a_second_one_is_numbered() -> None:
    program = compiled(
        "steps:\n  - email: a\n  - wait: 2 days\n  - email: a\n  - if: lead.score > 3\n    then: go_on\n"
    ).program
    assert [item.place.step for item in program] == ["a", "2 days", "a_2", "the choice after a_2", "finished"]


def test_a_run_hears_what_its_lines_name_and_what_its_work_needs() -> None:
    journey = compiled(CALL.replace("steps:", "exit: [{event: quote.completed, as: recovered}]\nsteps:"))
    assert journey.hears == (
        "call.started", "lead.consent_given", "lead.unsubscribed", "quote.completed", "task.canceled",
        "task.completed", "task.expired", "task.started",
    )  # fmt: skip
    assert compiled("on_opt_out: go_on\nsteps: [email: a]\n").hears == ()


def test_a_run_is_told_only_the_fields_that_it_reads_and_never_personal_ones() -> None:
    journey = compiled(
        'journey: example\nversion: 1\nstart: {event: signup.sent, if: start.email contains "@"}\nsteps:\n'
        "  - wait_for: quote.completed\n    where: event.amount > 3\n    within: 1 day\n"
        "  - wait_for: sms.replied\n"
        '    where: event.keyword is "yes" and event.text contains "x"\n'
        "    within: 1 day\n"
    )
    assert journey.reads["quote.completed"] == ("amount",)
    assert journey.reads["signup.sent"] == ()
    assert journey.reads["sms.replied"] == ("keyword",)


def test_the_field_of_the_key_reaches_a_run_with_every_event_that_carries_it() -> None:
    journey = compiled(
        "key: start.quote_id\nexit: [{event: quote.completed, as: recovered}]\nsteps:\n  - wait: 1 day\n"
    )
    assert journey.key_field == "quote_id"
    assert journey.reads == {
        **dict.fromkeys(("lead.unsubscribed", "lead.consent_given"), ("channel", "scope", "topic")),
        "quote.completed": ("quote_id",),
        "quote.started": ("quote_id",),
    }


def test_open_conditions_and_moving_instants_are_watched_and_others_are_not() -> None:
    journey = compiled(
        'exit:\n  - if: did("quote.completed", 30 days)\n    as: recovered\nsteps:\n'
        '  - email: a\n    if: lead.status is "new"\n'
        "  - wait: until lead.last_login_at + 2 days\n  - first_of:\n"
        "      - becomes: lead.score > 80\n    within: 1 day\n"
    )
    assert journey.watches == ("event:quote.completed", "lead.last_login_at", "lead.score")


def test_values_on_personal_data_are_marked_as_private() -> None:
    first = compiled(
        "steps:\n  - email: a\n    with: {name: lead.first_name, amount: start.amount}\n"
        "  - set: {lead.status: nothing}\n"
    ).program
    assert isinstance(first[0], Message)
    assert first[0].values.private == ("name",)
    assert isinstance(first[1], Assign)
    assert to_text(first[1].values.items["lead.status"]) == "nothing"


def test_contact_hours_keep_what_the_journey_does_not_say() -> None:
    assert compiled("contact_hours: {to: 14:00}\nsteps: [email: a]\n").contact_hours == Hours(
        (0, 1, 2, 3, 4, 5), 540, 840
    )


def test_every_ending_that_can_come_is_classed() -> None:
    endings = compiled("steps:\n  - end: lost\n    if: lead.score > 3\n").endings
    assert endings["lost"] == "lost"
    assert endings["finished"] == "neutral"
    assert "recovered" not in endings


def shipped() -> dict[str, str]:
    files = [path for path in files_of(SHIPPED) if path.suffix in (".yaml", ".txt", ".mjml")]
    return {str(path.relative_to(SHIPPED)): path.read_text(encoding="utf-8") for path in files}


def test_the_shipped_journeys_have_no_mistake_and_no_hint() -> None:
    files = shipped()
    templates = {path: text for path, text in files.items() if path.startswith("templates/")}
    project = check_project(files, Templates.from_files(templates, languages=("es", "en")))
    assert project.report() == ""
    assert list(project.journeys) == ["abandoned_quote", "dealer_lead", "welcome_drip"]
    assert {scenario.journey for scenario in project.scenarios} == set(project.journeys)


@pytest.mark.parametrize("name", ["abandoned_quote", "dealer_lead", "welcome_drip"])
def test_a_shipped_journey_reads_back_equal_and_can_be_drawn(name: str) -> None:
    journey = check_project(shipped()).journeys[name]
    assert load(dump(journey)) == journey
    assert digest(load(dump(journey))) == digest(journey)
    drawn = mermaid(journey)
    assert drawn.startswith("flowchart TD\n")
    assert all(
        f"n{index}" in drawn for index, item in enumerate(journey.program) if not isinstance(item, Jump)
    )


@pytest.mark.parametrize("name", ["abandoned_quote", "dealer_lead", "welcome_drip"])
def test_a_comment_leaves_the_digest_of_a_shipped_journey_and_another_wait_changes_it(name: str) -> None:
    files = shipped()
    text = files[f"{name}.yaml"]

    def digest_of(changed: str) -> str:
        return digest(check_project({**files, f"{name}.yaml": changed}).journeys[name])

    longer = re.sub(r"wait: (\d+) ", lambda found: f"wait: {int(found.group(1)) + 1} ", text, count=1)
    assert longer != text
    assert digest_of(f"# said otherwise\n{text}") == digest_of(text)
    assert digest_of(longer) != digest_of(text)


def test_a_repeat_for_ever_can_be_drawn_and_never_leaves() -> None:
    journey = compiled("steps:\n  - repeat: for ever\n    do: [wait: 1 day]\n")
    assert kinds(journey.program) == ["loop_start", "loop", "wait", "loop_back"]
    assert '"done"' not in mermaid(journey)


def test_a_diagram_shows_branches_by_their_names() -> None:
    drawn = mermaid(compiled("steps:\n  - if: lead.score > 3\n    then: [end: lost]\n"))
    assert '  n0{"lead.score > 3"}' in drawn.replace("    n0", "  n0")
    assert '  n0 -- "yes" --> n1\n  n0 -- "no" --> n2\n' in drawn
