"""The texts of a new journey's templates, in the languages that are known here; others begin in English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from language.terms import Company


@dataclass(frozen=True, slots=True)
class _Words:
    """What a language says; `{name}` stands for the company."""

    hello: str
    subjects: dict[str, str]
    bodies: dict[str, str]
    footer: str
    stop: str
    script: str


_WORDS = {
    "en": _Words(
        hello="Hello{% if lead.first_name %} {{ lead.first_name }}{% endif %},",
        subjects={"hello": "Thank you for your interest", "reminder": "Can we help you?"},
        bodies={
            "hello": "thank you for your interest in {name}. Answer us and we help you with the next step.",
            "reminder": "a few days ago we wrote to you. Is there anything that we can help you with?",
        },
        footer="No more e-mails like this? Reply STOP.",
        stop="STOP to opt out.",
        script="Introduce yourself and {name}. Ask what the lead is looking for, and agree on the next step.",
    ),
    "es": _Words(
        hello="Hola{% if lead.first_name %}, {{ lead.first_name }}{% endif %}:",
        subjects={"hello": "Gracias por tu interés", "reminder": "¿Te podemos ayudar?"},
        bodies={
            "hello": "gracias por tu interés en {name}. Responde y te ayudamos con el siguiente paso.",
            "reminder": "hace unos días te escribimos. ¿Hay algo en lo que te podamos ayudar?",
        },
        footer="¿No quieres más correos como este? Responde BAJA.",
        stop="BAJA para no recibir más.",
        script="Preséntate y presenta a {name}. Pregunta qué busca el cliente y acuerda el siguiente paso.",
    ),
}
_KNOWN_AS = {"email": "mjml", "sms": "txt", "script": "txt"}


def templates(company: Company, journey: str, wanted: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Gives path and text of each template; `wanted` says which of `hello`, `reminder` and `call` goes by
    which channel.
    """
    for text, channel in wanted.items():
        for language in company.languages:
            path = f"templates/{channel}/{journey}_{text}.{language}.{_KNOWN_AS[channel]}"
            yield path, _text(company, channel, text, _WORDS.get(language, _WORDS["en"]))


def _text(company: Company, channel: str, text: str, words: _Words) -> str:
    name = company.name or "us"
    match channel:
        case "script":
            return f"---\npurpose: service\n---\n{words.script.format(name=name)}\n"
        case "sms":
            body = words.bodies[text].format(name=name)
            return f"---\npurpose: marketing\n---\n{name}: {body} {words.stop}\n"
        case _:
            return _mail(company, words, words.subjects[text], words.bodies[text].format(name=name))


def _mail(company: Company, words: _Words, subject: str, body: str) -> str:
    parts = [part for part in (company.name, company.postal_address, words.footer) if part]
    return f"""\
---
subject: "{subject}"
purpose: marketing
---
<mjml>
  <mj-body background-color="#f4f4f4">
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text>{words.hello}</mj-text>
        <mj-text>{escape(body, quote=False)}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text font-size="11px" color="#666666">{escape(" · ".join(parts), quote=False)}</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
