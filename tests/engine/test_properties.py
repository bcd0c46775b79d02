"""What must hold for every journey and every stream of news."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from engine.position import Running
from engine.standing import standing
from language.compiled import dump, load
from tests.engine.programs import BLOCKS, BURSTS, Block, Burst, Player, journey, record, replay

few = settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def _rests_somewhere_named(player: Player) -> bool:
    if player.position.ended:
        return player.turn.wake is None
    running = any(isinstance(token.state, Running) for token in player.position.tokens)
    named = standing(player.position)[1] is not None
    return player.turn.wake is not None and not running and named


@given(BLOCKS, BURSTS)
@few
def test_every_run_ends_or_waits_for_something_named(block: Block, bursts: list[Burst]) -> None:
    player = Player(journey(block, exits=True))
    assert _rests_somewhere_named(player)
    record(player, bursts)
    assert player.ended, "its life is 40 days"


@given(BLOCKS)
@few
def test_the_compiled_form_of_a_journey_reads_back_equal(block: Block) -> None:
    written = journey(block, exits=True)
    assert load(dump(written)) == written


@given(BLOCKS, BURSTS)
@few
def test_a_position_read_back_from_json_has_the_same_future(block: Block, bursts: list[Burst]) -> None:
    told = Player(journey(block, exits=True))
    recorded = record(told, bursts)
    again = Player(journey(block, exits=True), through_json=True)
    replay(again, recorded)
    assert (again.effects, again.position) == (told.effects, told.position)


@given(BLOCKS, BURSTS)
@few
def test_a_repeated_delivery_changes_nothing(block: Block, bursts: list[Burst]) -> None:
    told = Player(journey(block, exits=True))
    recorded = record(told, bursts)
    again = Player(journey(block, exits=True))
    replay(again, recorded, times=2)
    assert (again.effects, again.position) == (told.effects, told.position)


@given(BLOCKS, BURSTS)
@few
def test_any_split_of_the_same_news_into_batches_ends_alike(block: Block, bursts: list[Burst]) -> None:
    told = Player(journey(block, exits=True))
    recorded = record(told, bursts)
    for size in (2, 5):
        again = Player(journey(block, exits=True))
        replay(again, recorded, size=size)
        assert (again.effects, again.position) == (told.effects, told.position)
