"""A vocabulary is read to types; every mistake of every file is found at its place."""

from __future__ import annotations

import pytest

from language.builtin import EVENTS, LEAD_FIELDS
from language.facts import to_text
from language.problems import Problem, Problems
from language.schema import FieldType
from language.vocabulary import Cap, Outcome, Vocabulary, load_vocabulary
from model.time import Hours, Length

WHOLE = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [es, en], postal_address: "Calle Mayor 1"}
contact_hours: {days: mon-sat, from: 9:00, to: 20:00, holidays: ES-MD}
business_hours: {days: mon-fri, from: 9:00, to: 18:00, holidays: ES-MD}
defaults: {life: 6 months, expires: 3 days}
caps: {marketing: {per_day: 1, per_week: 3, min_gap: 4 hours}, topics: {retention: {per_week: 2}}}
lead:
  first_name: {type: text, pii: true, label: Given name}
  status: {type: text, values: [new, mql, customer]}
  interests: list of text
  last_login_at: time
  lifetime_value: number
account: {industry: text, in_talks: yes or no}
things:
  policy: {key: policy_id, fields: {policy_id: text, status: text, expires_on: date}}
events:
  quote.started: {quote_id: text, amount: number, expires_at: time}
  purchase.completed:
  form.submitted: {model: text, newsletter: {type: yes or no, pii: false}}
queues:
  inside_sales:
    hours: {days: mon-fri, from: 9:00, to: 19:00}
    outcomes:
      quote_finished: {label: Finished the quote, effect: reached, result: positive}
      busy: {effect: retry}
      no_answer: {label: Nobody answered}
teams: {sales_managers: [ventas@example.com]}
audiences: {vip: {if: lead.lifetime_value > 100}, spring_list: static, retarget: {network: facebook}}
connectors:
  lead_router:
    post: "https://router.example.com/assign"
    secret: LEAD_ROUTER_KEY
    sends: {lead_id: text}
    answers: {owner: text}
    timeout: 5 seconds
    retry_for: 1 day
endings: {recovered: won, lost: lost, expired_quote: neutral}
reply_keywords: {yes: [yes, si, sí], stop_all: [stop, baja]}
"""


def load(*texts: str) -> tuple[Vocabulary, tuple[Problem, ...]]:
    problems = Problems()
    vocabulary = load_vocabulary({f"{n}.yaml": text for n, text in enumerate(texts)}, problems)
    return vocabulary, problems.all


def test_a_whole_vocabulary_is_read_without_a_problem() -> None:
    vocabulary, problems = load(WHOLE)
    assert problems == ()
    assert vocabulary.company.zone == "Europe/Madrid"
    assert vocabulary.company.languages == ("es", "en")
    assert vocabulary.contact_hours == Hours((0, 1, 2, 3, 4, 5), 540, 1200, "ES-MD")
    assert vocabulary.defaults.life == Length(months=6)
    assert vocabulary.caps.marketing == Cap(1, 3, Length(seconds=14400))
    assert vocabulary.caps.topics["retention"] == Cap(per_week=2)
    assert vocabulary.teams == {"sales_managers": ("ventas@example.com",)}
    assert vocabulary.connectors["lead_router"].method == "post"
    assert vocabulary.connectors["lead_router"].answers == {"owner": FieldType("text")}
    assert vocabulary.endings["recovered"] == "won"
    assert vocabulary.ending_class("finished") == "neutral"
    assert list(vocabulary.reply_keywords.items()) == [
        ("yes", ("yes", "si", "sí")),
        ("stop_all", ("stop", "baja")),
    ]


def test_fields_keep_their_types_values_and_secrecy() -> None:
    vocabulary, _ = load(WHOLE)
    assert vocabulary.lead["status"].values == ("new", "mql", "customer")
    assert vocabulary.lead["interests"] == FieldType("list", "text")
    assert vocabulary.lead["first_name"] == FieldType("text", pii=True, label="Given name")
    assert vocabulary.lead["phone"] == LEAD_FIELDS["phone"]
    assert vocabulary.account["in_talks"] == FieldType("yes_no")
    assert vocabulary.things["policy"].key == "policy_id"


def test_events_have_the_common_fields_and_forms_carry_personal_data() -> None:
    vocabulary, _ = load(WHOLE)
    assert vocabulary.events["quote.started"]["at"] == FieldType("time")
    assert "id" in vocabulary.events["purchase.completed"]
    assert vocabulary.events["form.submitted"]["model"].pii
    assert not vocabulary.events["form.submitted"]["newsletter"].pii
    assert not vocabulary.events["form.submitted"]["form"].pii
    assert vocabulary.events["sms.replied"]["text"].pii
    assert set(EVENTS) <= set(vocabulary.events)


def test_every_queue_has_no_answer_and_expired_unlisted() -> None:
    vocabulary, _ = load(WHOLE)
    outcomes = vocabulary.queues["inside_sales"].outcomes
    assert outcomes["quote_finished"] == Outcome(
        "quote_finished", "Finished the quote", "reached", "positive"
    )
    assert outcomes["no_answer"] == Outcome("no_answer", "Nobody answered", "retry", None, unlisted=True)
    assert outcomes["expired"].unlisted


def test_hours_of_a_queue_take_the_holidays_of_the_business_hours() -> None:
    vocabulary, _ = load(WHOLE)
    assert vocabulary.queues["inside_sales"].hours == Hours((0, 1, 2, 3, 4), 540, 1140, "ES-MD")


def test_the_rule_of_an_audience_is_a_typed_condition() -> None:
    vocabulary, _ = load(WHOLE)
    rule = vocabulary.audiences["vip"].rule
    assert rule is not None
    assert to_text(rule) == "lead.lifetime_value > 100"


def test_the_schema_knows_every_name() -> None:
    schema = load(WHOLE)[0].schema()
    assert schema.things["policy"]["expires_on"] == FieldType("date")
    assert schema.queues == {"inside_sales"}
    assert {"recovered", "finished", "unsubscribed"} <= schema.endings
    assert schema.fact_roots == {"lead", "account", "policy"}


def test_an_empty_vocabulary_still_has_what_is_built_in() -> None:
    vocabulary, problems = load("lead:\n")
    assert problems == ()
    assert vocabulary == Vocabulary()


def test_the_same_name_in_two_files_shows_both_places() -> None:
    _, problems = load(
        "lead: {x: text}\ndefaults: {life: 1 year}\n", "lead: {x: number}\ndefaults: {life: 2 years}\n"
    )
    assert [(p.file, p.line, p.column) for p in problems] == [("1.yaml", 1, 8), ("1.yaml", 2, 1)]
    assert "0.yaml:1:8" in problems[0].message
    assert "0.yaml:2:1" in problems[1].message


def test_departments_are_merged() -> None:
    vocabulary, problems = load(
        "lead: {x: text}\nevents: {a.b: {n: number}}\n", "lead: {y: text}\nevents: {c.d: {}}\n"
    )
    assert problems == ()
    assert {"x", "y"} <= set(vocabulary.lead)
    assert {"a.b", "c.d"} <= set(vocabulary.events)


@pytest.mark.parametrize(
    ("text", "column", "code", "suggestion"),
    [
        ("leads: {}", 1, "J003", "did you mean `lead`?"),
        ("lead: {Status: text}", 8, "J005", "write `status`"),
        ("lead: {is: text}", 8, "J005", "take another name"),
        ("lead: {x: string}", 11, "J010", "write `text`"),
        ("lead: {x: nmber}", 11, "J010", "did you mean `number`?"),
        ("lead: {x: list}", 11, "J010", "write `list of text`"),
        ("lead: {x: {type: text, vales: [a]}}", 24, "J003", "did you mean `values`?"),
        ("lead: {x: {type: number, values: [a]}}", 35, "J010", None),
        ("lead: {x: {type: text, pii: maybe}}", 29, "J005", "write `pii: true`"),
        ("lead: {email: number}", 15, "J010", "it is a text; a vocabulary may add a label"),
        ("lead: [x]", 7, "J005", "write lines of `name: value`"),
        (
            "events: {purchase: {}}",
            10,
            "J005",
            "two words of small letters with a dot between, like `quote.started`",
        ),
        ("events: {email.opend: {}}", 10, "J010", "did you mean `email.opened`?"),
        ("events: {task.foo: {}}", 10, "J010", "choose another first word"),
        ("events: {form.submitted: {form: text}}", 27, "J010", "leave it out, it is there"),
        ("things: {lead: {key: a, fields: {a: text}}}", 10, "J005", "take another name"),
        ("things: {car: {key: vin, fields: {vinn: text}}}", 21, "J010", "did you mean `vinn`?"),
        ("things: {car: {fields: {vin: text}}}", 10, "J002", "add `key:`"),
        ("queues: {q: {hours: {}}}", 10, "J002", "name how work may end"),
        ("queues: {q: {outcomes: {a: {effect: retri}}}}", 37, "J005", "did you mean `retry`?"),
        (
            "queues: {q: {outcomes: {a: {result: good}}}}",
            37,
            "J005",
            "it is one of positive, negative, neutral",
        ),
        (
            "queues: {q: {outcomes: {expired: {effect: retry}}}}",
            43,
            "J005",
            "leave it out, or rename the outcome",
        ),
        ("queues: {q: {hours: {from: 9}, outcomes: {a: }}}", 28, "J005", "write `9:00`"),
        ("teams: {t: [nobody]}", 12, "J005", None),
        ("audiences: {a: {if: lead.scor > 3}}", 21, "J010", "did you mean `lead.score`?"),
        (
            'audiences: {a: {if: in_audience("a")}}',
            13,
            "J005",
            "let one of them ask about the lead instead",
        ),
        ("audiences: {a: dynamic}", 16, "J005", "it is one of static"),
        ("audiences: {a: {if: event.x is 1}}", 21, "J010", None),
        ("connectors: {c: {timeout: 5 seconds}}", 14, "J002", "add `post: URL`"),
        ("connectors: {c: {post: router}}", 24, "J005", "write `https://…`"),
        (
            "connectors: {c: {post: https://x.example, secret: s3cr3t}}",
            51,
            "J005",
            "write a name like `LEAD_ROUTER_KEY`",
        ),
        ("endings: {a: win}", 14, "J005", "did you mean `won`?"),
        ("defaults: {life: 1 yr}", 18, "J005", "write `1 year`"),
        ("caps: {marketing: {per_day: 0}}", 29, "J005", None),
        ("caps: {marketing: {min_gap: 4h}}", 29, "J005", "write `4 hours`"),
        ("company: {zone: Madrid}", 17, "J005", "write one like `Europe/Madrid` or `UTC`"),
        ("company: {languages: [Spanish]}", 22, "J005", "write `es`, `en`"),
        ("contact_hours: {days: mon-fry}", 23, "J005", "did you mean `friday`?"),
        ("reply_keywords: {yes: []}", 23, "J005", "name at least one"),
    ],
)
def test_every_mistake_is_found_at_its_place(
    text: str, column: int, code: str, suggestion: str | None
) -> None:
    _, problems = load(text)
    assert [(p.line, p.column, p.code, p.suggestion) for p in problems] == [(1, column, code, suggestion)]


def test_all_mistakes_of_all_files_come_in_one_go() -> None:
    _, problems = load("lead: {x: string}\nteams: {t: [x]}\n", "a: b: c\n", "endings: {a: win}\n")
    assert [(p.file, p.code) for p in problems] == [
        ("0.yaml", "J010"),
        ("0.yaml", "J005"),
        ("1.yaml", "J001"),
        ("2.yaml", "J005"),
    ]
