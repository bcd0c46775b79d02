"""Ids of what a run does are UUIDv5 of their names, the same ones for ever."""

from __future__ import annotations

from uuid import UUID, uuid5

from engine.ids import NAMESPACE, effect_id, task_id


def test_ids_are_those_that_the_standard_library_gives() -> None:
    space = UUID(bytes=NAMESPACE)
    for visit in range(1, 200):
        assert effect_id("run-ñ", "hello", visit) == str(uuid5(space, f"run-ñ/hello/{visit}"))
        assert task_id("run-1", "call", visit, 2, 3) == str(uuid5(space, f"run-1/call/{visit}/2/3"))


def test_an_id_once_given_stays() -> None:
    assert effect_id("run-1", "hello", 1) == "00ab5990-a9f0-59cd-a366-c35dac317e76"
