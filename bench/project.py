"""The journeys that are measured, as a folder of YAML like any other."""

from __future__ import annotations

from pathlib import Path

VOCABULARY = """
company: {name: Bench, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
events:
  bench.short: {}
  bench.first: {}
  bench.branch: {}
  bench.minute: {}
  interest.shown: {}
"""

RULES = """
model: {id: bench, version: 1, label: sale_90d, kind: rules}
scores: {engagement: {min: -50, max: 200}, fit: {min: -100, max: 100}}
groups: {web: {score: engagement, min: 0, max: 150}}
rules:
  - {id: interest, group: web, event: interest.shown, points: 80, per: day, strong: true, expire: never}
fit_grades: {A: 60, B: 30, C: 0, D: -100}
engagement_bands: {"1": 80, "2": 30, "3": -50}
tiers: {T1: [A1, B1, C1], T2: [A2, B2, C2], T3: ["*"]}
stages:
  sales_ready:
    enter: {engagement: ">=80", fit: ">=C", any_strong_within: 30 days}
    leave: {engagement: "<40"}
"""

SHORT = """
journey: short
version: 1
about: Two messages with a short wait between them.
start: {event: bench.short}
steps:
  - email: hello
  - wait: 1 second
  - email: goodbye
"""

FIRST = """
journey: first
version: 1
about: A message at once, then nothing for long.
start: {event: bench.first}
steps:
  - email: hello
  - wait: 30 days
  - email: goodbye
"""

BRANCH = """
journey: branch
version: 1
about: A message, a wait, a branch on the score, a message on another channel.
start: {event: bench.branch}
steps:
  - email: hello
  - wait: 2 seconds
  - if: lead.score >= 60
    then:
      - email: goodbye
    else:
      - sms: short
"""

MINUTE = """
journey: minute
version: 1
about: A message, a wait, a branch on the score, another message.
start: {{event: bench.minute}}
steps:
  - email: hello
  - wait: {seconds} seconds
  - if: lead.score >= 60
    then:
      - email: warm
    else:
      - email: goodbye
"""

TWELVE = """
journey: {name}
version: 1
about: Twelve steps such as a designer writes.
start: {{event: bench.first}}
exit:
  - event: interest.shown
    as: bought
steps:
  - email: hello
  - wait: 1 day
  - if: lead.score >= 20
    then:
      - email: warm
    else:
      - email: goodbye
  - wait: 2 days
  - sms: short
  - email: warm
  - wait: 1 week
  - if: lead.score >= 60
    then:
      - email: hello
    else:
      - sms: short
  - wait: 2 weeks
  - email: goodbye
"""
TWELVE_STEPS = 12
"""Steps that a run passes: of each branch one side."""

TWELVE_MESSAGES = 6
"""Messages among them."""

MAIL = (
    "---\nsubject: {subject}\npurpose: service\n---\n<mjml><mj-body><mj-section><mj-column><mj-text>"
    "Dear {{{{ lead.first_name | default: 'reader' }}}}, this is {subject}.</mj-text></mj-column>"
    "</mj-section></mj-body></mjml>\n"
)

ENDINGS = "endings: {bought: won}\n"


def write_project(folder: Path, *, minute: int = 60) -> Path:
    """Writes the measured journeys; `minute` is the wait of the journey `minute`, in seconds."""
    files = {
        **_shared(),
        "short.yaml": SHORT,
        "first.yaml": FIRST,
        "branch.yaml": BRANCH,
        "minute.yaml": MINUTE.format(seconds=minute),
    }
    return _written(folder, files)


def write_many(folder: Path, count: int) -> Path:
    """Writes `count` journeys of twelve steps."""
    names = [f"journey_{number:03}" for number in range(count)]
    return _written(folder, {**_shared(), **{f"{name}.yaml": TWELVE.format(name=name) for name in names}})


def _shared() -> dict[str, str]:
    mails = {
        f"templates/email/{name}.en.mjml": MAIL.format(subject=name) for name in ("hello", "warm", "goodbye")
    }
    sms = {"templates/sms/short.en.txt": "---\npurpose: service\n---\nA short word.\n"}
    return {"vocabulary.yaml": VOCABULARY + ENDINGS, "scoring.yaml": RULES, **mails, **sms}


def _written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder
