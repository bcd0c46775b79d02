"""The contract served by the rules holds what any scorer must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from model.events import Event
from tests.scoring.conformance import CHECKS, Target
from tests.scoring.servers import Misbehaving, RulesServer, good, serving

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """The rules over a lead who has seen prices and a page."""
    seen = [Event("e1", "web.pricing", AT, {"page": "/p"}), Event("e2", "web.landing", AT, {"page": "/a"})]
    with serving(RulesServer(seen)) as url:
        yield Target(url)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_rules_conform(check: Callable[[Target], None], target: Target) -> None:
    check(target)


@pytest.mark.parametrize("changes", [{"p": 1.7}, {"tier": "T9"}, {"request_id": "another"}, {"surprise": 1}])
def test_a_scorer_that_answers_wrongly_does_not_conform(changes: dict[str, object]) -> None:
    with serving(Misbehaving(good(**changes))) as url, pytest.raises((AssertionError, ValueError)):
        CHECKS[0](Target(url))
