"""`show`: pictures that one can read, with every step, and nothing from outside."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from language.compiled import End, GoTo, Journey, Message, Work
from language.journey import check_project, kind_of
from language.picture import overview_svg, stage_svg, svg
from language.picture_graph import beside, overview, stage_graph
from language.picture_layout import Arrow, Box, Layout, laid_out
from language.picture_page import page

SHIPPED = Path(__file__).parents[2] / "journey_defs"
VOCABULARY = (SHIPPED / "vocabulary.yaml").read_text("utf-8")
JOURNEYS = sorted(path for path in SHIPPED.glob("*.yaml") if kind_of(path.name) == "journey")
SVG = "{http://www.w3.org/2000/svg}"


def compiled(text: str) -> Journey:
    project = check_project({"vocabulary.yaml": VOCABULARY, "x.yaml": text})
    assert not project.errors, project.report()
    return next(iter(project.journeys.values()))


def fifty_steps() -> Journey:
    branch = """\
  - if: lead.score >= {n}
    then:
      - email: mail_{n}
      - wait_for: email.clicked
        within: {n} hours
        else: [sms: text_{n}]
    else:
      - call: call_{n}
        queue: inside_sales
        outcomes:
          interested or quote_finished: [end: qualified]
          not_interested: [end: lost]
          busy or no_answer or expired: go_on
          wrong_number or do_not_call: [end: lost]
  - wait: {n} days
"""
    head = "journey: fifty\nversion: 1\nstart: {event: quote.started}\nsteps:\n"
    return compiled(head + "".join(branch.replace("{n}", str(number)) for number in range(1, 9)))


ALL = [*(compiled(path.read_text("utf-8")) for path in JOURNEYS), fifty_steps()]


@pytest.mark.parametrize("journey", ALL, ids=lambda journey: journey.name)
def test_a_picture_is_sound_and_needs_nothing_from_outside(journey: Journey) -> None:
    for text in (
        svg(journey),
        overview_svg(journey),
        *(stage_svg(journey, stage) for stage in journey.stages),
    ):
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert not re.search(r"(href|src|url)\W+(https?:)?//|@import|<script|<image|<foreignObject", text)
        assert text.count("http") == text.count("http://www.w3.org/2000/svg")


@pytest.mark.parametrize("journey", ALL, ids=lambda journey: journey.name)
def test_every_message_call_stage_and_ending_is_in_the_picture(journey: Journey) -> None:
    words = {element.text for element in ET.fromstring(svg(journey)).iter(f"{SVG}text")}
    for item in journey.program:
        if isinstance(item, Message | Work):
            assert (item.template if isinstance(item, Message) else item.name) in words
        if isinstance(item, GoTo | End):
            assert (item.stage if isinstance(item, GoTo) else item.ending) in words


@pytest.mark.parametrize("journey", ALL, ids=lambda journey: journey.name)
def test_boxes_and_labels_never_lie_upon_each_other(journey: Journey) -> None:
    for stage in journey.stages:
        root = ET.fromstring(stage_svg(journey, stage))
        boxes = [
            tuple(float(one.attrib[name]) for name in ("x", "y", "width", "height"))
            for one in root.iter(f"{SVG}rect")
            if "x" in one.attrib
        ]
        assert len(boxes) >= len(stage_graph(journey, stage).cards)
        for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(boxes, 2):
            apart = ax + aw <= bx + 1 or bx + bw <= ax + 1 or ay + ah <= by + 1 or by + bh <= ay + 1
            assert apart, (journey.name, stage)


@pytest.mark.parametrize("journey", ALL, ids=lambda journey: journey.name)
def test_the_links_of_a_page_lead_to_its_stages(journey: Journey) -> None:
    text = page(journey)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))
    assert text.count("<svg ") == len(journey.stages) + (len(journey.stages) > 1)
    whole = svg(journey)
    assert set(re.findall(r'href="#([^"]+)"', whole)) <= set(re.findall(r'id="([^"]+)"', whole))


def test_ways_of_a_call_that_end_alike_share_their_end() -> None:
    dealer = next(journey for journey in ALL if journey.name == "dealer_lead")
    graph = stage_graph(dealer, "dealer")
    ends = sorted(one.text for one in graph.cards.values() if one.tag == "go to")
    assert ends == ["offer", "quiet", "recovery"]
    assert "not_interested, busy, no_answer, expired, wrong_number, do_not_call" in graph.arrows.values()


def test_the_overview_shows_how_stages_lead_to_each_other_and_end() -> None:
    dealer = next(journey for journey in ALL if journey.name == "dealer_lead")
    graph = overview(dealer)
    assert {("visited", "survey"), ("quiet", "quote"), ("quiet", "end no_interest")} <= set(graph.arrows)
    assert graph.cards["end bought"].look == "won"
    assert any(card.tag == "whenever" and card.text == "car.purchased" for card in graph.cards.values())


def test_the_head_says_on_what_conditions_a_journey_begins_and_ends_and_what_counts() -> None:
    told = compiled(
        "journey: told\nversion: 1\nstart:\n  event: quote.started\n  where: event.amount > 5\n"
        "  if: lead.score > 20\nagain: after 30 days\ngoal: {event: car.purchased, within: 30 days}\n"
        'exit:\n  - event: lead.unsubscribed\n    where: event.scope is "all"\n    as: unsubscribed\n'
        "steps:\n  - call: hello\n    queue: inside_sales\n    retry: {busy: 20 minutes}\n"
        "    outcomes:\n      interested or quote_finished or not_interested or busy or no_answer: go_on\n"
        "      wrong_number or do_not_call or expired: go_on\n"
    )
    head = dict(beside(told))
    assert head["begins with"] == "quote.started where event.amount > 5 if lead.score > 20"
    assert head["again"] == "after 30 days"
    assert head["goal"] == "car.purchased within 30 days"
    assert head['at any time lead.unsubscribed where event.scope is "all"'] == "ends as unsubscribed"
    assert any(
        "retry busy every 20 minutes" in one.details for one in stage_graph(told, "steps").cards.values()
    )


def test_what_a_journey_says_is_text_and_never_markup() -> None:
    odd = compiled(
        "journey: odd\nversion: 1\nabout: <script>alert(1)</script> & more\nstart: {event: quote.started}\n"
        'steps:\n  - if: lead.role is "<b>&amp;"\n    then: [email: a]\n  - end: lost\n'
    )
    for text in (svg(odd), page(odd)):
        assert "<script>" not in text
        assert "<b>" not in text
    assert "alert(1)" in "".join(ET.fromstring(svg(odd)).itertext())


def test_arrows_lead_down_and_those_back_up_are_drawn_turned() -> None:
    boxes = {name: Box(80, 40) for name in "abcd"}
    arrows = [Arrow("a", "b"), Arrow("a", "c"), Arrow("b", "d"), Arrow("c", "d"), Arrow("d", "a")]
    layout = laid_out(boxes, arrows)
    heights = {name: layout.places[name].y for name in boxes}
    assert heights["a"] < heights["b"] == heights["c"] < heights["d"]
    assert layout.places["b"].x < layout.places["c"].x
    for route in layout.routes:
        assert (route.points[0].y < route.points[-1].y) is (route.arrow.source != "d")


def test_a_way_that_skips_layers_passes_beside_the_boxes() -> None:
    boxes = {name: Box(80, 40) for name in "abcd"}
    layout = laid_out(
        boxes, [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "d"), Arrow("a", "d", ("no",), 20)]
    )
    way = next(route for route in layout.routes if (route.arrow.source, route.arrow.target) == ("a", "d"))
    for before, after in pairwise(way.points):
        for name in "bc":
            top = layout.places[name].y
            if before.x == after.x and before.y < top + 40 and after.y > top:
                assert abs(before.x - layout.places[name].x) > 40
    assert _inside(layout)


def _inside(layout: Layout) -> bool:
    points = [point for route in layout.routes for point in route.points]
    return all(-1 <= one.x <= layout.width + 1 and -1 <= one.y <= layout.height + 1 for one in points)


def test_a_box_alone_and_a_box_that_leads_to_itself_are_placed() -> None:
    assert laid_out({"a": Box(80, 40)}, []).width == 80
    assert laid_out({"a": Box(80, 40)}, [Arrow("a", "a")]).height == 40


@pytest.mark.parametrize("journey", ALL, ids=lambda journey: journey.name)
def test_every_box_says_which_step_of_which_line_it_is(journey: Journey) -> None:
    boxes = [box for box in ET.fromstring(svg(journey)).iter(f"{SVG}g") if box.get("data-line")]
    drawn = {(box.get("data-step"), int(box.get("data-line", 0))) for box in boxes}
    work = [item for item in journey.program if isinstance(item, Message | Work)]
    asked = {(item.place.step, item.place.line) for item in work if item.place.stage in journey.stages}
    assert asked
    assert asked <= drawn


def test_the_small_words_of_every_box_can_be_read_on_its_ground() -> None:
    for journey in ALL:
        for box in ET.fromstring(svg(journey)).iter(f"{SVG}g"):
            frame, tag = box.find(f"{SVG}rect[@class='box']"), box.find(f"{SVG}text[@class='tag']")
            if frame is not None and tag is not None:
                assert contrast(frame.get("fill", ""), tag.get("fill", "")) >= 4.5, ET.tostring(box)


def contrast(one: str, other: str) -> float:
    """Gives the contrast of two colours as WCAG 2 reckons it, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
