"""Templates: names, languages, variables, rendering."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from templates.dates import ZONE
from templates.errors import LiquidTextError, MissingTemplateError, MjmlError, TemplateError
from templates.store import TemplateInfo, Templates

ROOT = "journey_defs/templates"
WELCOME_ES = """---
subject: "Hola {{ lead.first_name }}"
preview: Tu {{ start.model }} & tú
purpose: service
topic: quotes
---
<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text><h1>Hola {{ lead.first_name | default: "amigo" }}</h1><p>Tu oferta:</p></mj-text>
        <mj-text>{% for item in start.items %}<p>{{ item.name }}: {{ item.price }}</p>{% endfor %}</mj-text>
        <mj-button href="https://example.com/q?id={{ start.quote_id }}">Ver oferta</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
WELCOME_EN = WELCOME_ES.replace("Hola", "Hello").replace("Tu oferta", "Your offer")
REMINDER = """---
topic: offers
---
Hi {{ lead.first_name }}, {{ event.items[0].name }} waits & is <new>
"""
FILES = {
    f"{ROOT}/email/welcome.es.mjml": WELCOME_ES,
    f"{ROOT}/email/welcome.en.mjml": WELCOME_EN,
    f"{ROOT}/sms/reminder.txt": REMINDER,
    f"{ROOT}/script/intro.yaml": "purpose: service\ntext: |\n  Ask {{ lead.first_name }}\n  for an hour.\n",
}
VALUES: dict[str, JsonValue] = {
    "lead": {"first_name": "Luis"},
    "start": {"model": "Duna", "quote_id": "q1", "items": [{"name": "Llanta", "price": 100}]},
    "event": {"items": [{"name": "Duna"}]},
}
TEMPLATES = Templates.from_files(FILES, languages=("es", "en"))


def languages_of(*files: str, first: str = "en") -> Templates:
    texts = {f"sms/hello.{file}.txt" if file else "sms/hello.txt": file or "none" for file in files}
    return Templates.from_files(texts, languages=(first,))


def body(text: str, values: dict[str, JsonValue] | None = None) -> str:
    return Templates.from_files({"sms/x.txt": text}).render("sms", "x", None, values or {}).text


def test_the_templates_of_this_file_are_sound() -> None:
    assert TEMPLATES.problems() == []


def test_names_are_listed_by_channel() -> None:
    assert TEMPLATES.names("email") == ("welcome",)
    assert TEMPLATES.names("sms") == ("reminder",)
    assert TEMPLATES.names("push") == ()


def test_purpose_topic_and_languages_are_known() -> None:
    assert TEMPLATES.info("email", "welcome") == TemplateInfo("service", "quotes", ("en", "es"))
    assert TEMPLATES.info("sms", "reminder") == TemplateInfo("marketing", "offers", ())


def test_variables_are_those_of_subject_preview_and_body_without_loop_names() -> None:
    assert TEMPLATES.variables("email", "welcome") == {
        "lead.first_name", "start.model", "start.items", "start.quote_id"
    }  # fmt: skip
    assert TEMPLATES.variables("sms", "reminder") == {"lead.first_name", "event.items"}


def test_variables_of_conditions_filters_and_keys_count_and_assigned_ones_do_not() -> None:
    text = (
        "{% assign a = x.y %}{% if lead.score > 3 and b %}{{ a }}{{ t[key.name] | append: c.d }}{% endif %}"
    )
    templates = Templates.from_files({"sms/x.txt": text})
    assert templates.variables("sms", "x") == {"x.y", "lead.score", "b", "t", "key.name", "c.d"}


def test_variables_of_all_languages_count() -> None:
    templates = Templates.from_files({"sms/x.es.txt": "{{ a }}", "sms/x.en.txt": "{{ b }}"})
    assert templates.variables("sms", "x") == {"a", "b"}


def test_an_email_is_subject_html_and_text_in_the_leads_language() -> None:
    mail = TEMPLATES.render("email", "welcome", "es-ES", VALUES)
    assert (mail.subject, mail.preview) == ("Hola Luis", "Tu Duna & tú")
    assert (mail.purpose, mail.topic, mail.language) == ("service", "quotes", "es")
    assert mail.html is not None
    assert 'lang="es"' in mail.html
    assert "Tu Duna &amp; tú" in mail.html
    assert "fonts.googleapis.com" not in mail.html
    assert mail.text == ("Hola Luis\n\nTu oferta:\n\nLlanta: 100\n\nVer oferta (https://example.com/q?id=q1)")


def test_values_in_an_email_are_escaped_in_html_and_plain_in_text_and_subject() -> None:
    values: dict[str, JsonValue] = {"lead": {"first_name": '<script>"x" & y</script>'}}
    mail = TEMPLATES.render("email", "welcome", "en", values)
    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert mail.subject == 'Hello <script>"x" & y</script>'
    assert mail.text.startswith('Hello <script>"x" & y</script>')


def test_a_value_cannot_leave_an_attribute() -> None:
    values: dict[str, JsonValue] = {"start": {"quote_id": '"><mj-include path="/etc/passwd"/><b x="'}}
    mail = TEMPLATES.render("email", "welcome", "en", values)
    assert mail.html is not None
    assert "&gt;&lt;mj-include" in mail.html
    assert "root:" not in mail.html


def test_a_value_cannot_break_the_subject_into_lines() -> None:
    values: dict[str, JsonValue] = {"lead": {"first_name": "Luis\r\nBcc: all@example.com"}}
    assert TEMPLATES.render("email", "welcome", "es", values).subject == "Hola Luis Bcc: all@example.com"


def test_a_value_is_never_read_as_liquid() -> None:
    assert body("Hi {{ name }}", {"name": "{{ secret }}", "secret": "42"}) == "Hi {{ secret }}"


def test_an_sms_is_text_alone_and_unescaped() -> None:
    sms = TEMPLATES.render("sms", "reminder", "es", VALUES)
    assert (sms.html, sms.subject, sms.preview) == (None, None, None)
    assert sms.text == "Hi Luis, Duna waits & is <new>"


def test_a_yaml_template_has_its_body_under_text() -> None:
    assert TEMPLATES.render("script", "intro", None, VALUES).text == "Ask Luis\nfor an hour."
    assert TEMPLATES.info("script", "intro").purpose == "service"


def test_a_plain_text_email_has_no_html() -> None:
    templates = Templates.from_files({"email/note.txt": "---\nsubject: Hi\n---\nA <b> c"})
    mail = templates.render("email", "note", None, {})
    assert (mail.subject, mail.html, mail.text) == ("Hi", None, "A <b> c")


def test_an_authors_own_preview_and_language_stay() -> None:
    source = (
        '---\nsubject: S\npreview: mine\n---\n<mjml lang="fr"><mj-head><mj-preview>own</mj-preview></mj-head>'
        "<mj-body></mj-body></mjml>"
    )
    html = Templates.from_files({"email/x.es.mjml": source}).render("email", "x", "es", {}).html
    assert html is not None
    assert 'lang="fr"' in html
    assert "own" in html
    assert "mine" not in html


def test_missing_values_are_nothing() -> None:
    assert body("Hi {{ lead.first_name }}{{ a.b.c }}!") == "Hi !"


@pytest.mark.parametrize(
    ("files", "asked", "chosen"),
    [
        (("es", "es-MX", "en"), "es-MX", "es-MX"),
        (("es", "es-MX", "en"), "es_mx", "es-MX"),
        (("es", "en"), "es-MX", "es"),
        (("es", "en", ""), "fr", "en"),
        (("es", "en", ""), None, "en"),
        (("es", "fr", ""), "de", "none"),
        (("fr", "es"), "de", "es"),
        (("fr", "es"), "", "es"),
    ],
)
def test_the_language_is_exact_then_base_then_the_companys_then_any(
    files: tuple[str, ...], asked: str | None, chosen: str
) -> None:
    message = languages_of(*files).render("sms", "hello", asked, {})
    assert message.text == chosen
    assert message.language == (None if chosen == "none" else chosen)


def test_a_missing_template_names_the_closest() -> None:
    with pytest.raises(
        MissingTemplateError, match=r"no email template 'welcom'; did you mean welcome\?"
    ) as error:
        TEMPLATES.render("email", "welcom", "es", {})
    assert error.value.closest == ("welcome",)
    with pytest.raises(MissingTemplateError):
        TEMPLATES.info("fax", "welcome")
    with pytest.raises(MissingTemplateError):
        TEMPLATES.variables("sms", "nothing_like_it")


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..5000) %}{% for j in (1..5000) %}x{% endfor %}{% endfor %}",
        "{% assign a = 'aaaaaaaaaa' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
        "{% for i in (1..9000) %}" + "too much " * 10 + "{% endfor %}",
        "{{ (1..1000000000) | join: ',' | size }}",
        "{{ x | concat: (1..1000000000) | size }}",
        "{{ big | replace: 'a', big | size }}",
        "{% assign n = 99999 %}{% for i in (1..20) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
        "{{ 1 | divided_by: 0 }}",
        "{{ (1..n) | size | join: (1..n) }}",
    ],
)
def test_a_bomb_ends_with_an_error(bomb: str) -> None:
    values: dict[str, JsonValue] = {"x": [1], "big": "a" * 30_000, "n": 10**30}
    with pytest.raises(LiquidTextError, match=r"sms/x\.txt:1:"):
        body(bomb, values)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    depth = 5_000
    text = "{% if a %}" * depth + "x" + "{% endif %}" * depth
    templates = Templates.from_files({"sms/x.txt": text})
    with pytest.raises(TemplateError):
        templates.render("sms", "x", None, {"a": True})


def test_mjml_that_breaks_only_with_a_value_is_an_error_at_rendering() -> None:
    source = "---\nsubject: S\n---\n<mjml><mj-body>{% if open %}<mj-section>{% endif %}</mj-body>"
    source += "{% unless open %}</mjml>{% endunless %}"
    templates = Templates.from_files({"email/x.mjml": source})
    assert templates.problems() == []
    with pytest.raises(MjmlError, match=r"email/x\.mjml:4:1: MJML"):
        templates.render("email", "x", None, {"open": True})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2026-07-01T22:30:00+00:00", "02/07 00:30"),
        ("2026-07-01T22:30:00Z", "02/07 00:30"),
        ("2026-07-01T22:30:00", "01/07 22:30"),
        ("2026-07-01", "01/07 00:00"),
        ("soon", "soon"),
        (None, ""),
    ],
)
def test_an_instant_is_told_in_the_zone_of_the_message(value: JsonValue, said: str) -> None:
    values = {"x": value, ZONE: "Europe/Madrid"}
    assert body("{{ x | date: '%d/%m %H:%M' }}", values) == said


def test_without_a_zone_an_instant_is_told_as_it_is_written() -> None:
    assert body("{{ x | date: '%H:%M' }}", {"x": "2026-07-01T22:30:00+00:00"}) == "22:30"
