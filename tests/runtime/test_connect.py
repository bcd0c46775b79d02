"""All processes connect alike, and say where they looked."""

import pytest
from temporalio.client import Client

from runtime.connect import PAYLOADS, TemporalUnreachable, address, connect_within
from runtime.temporal_server import TemporalServer
from settings import Settings


async def test_payloads_are_pydantics(temporal: TemporalServer) -> None:
    client = await connect_within(Settings(temporal_address=temporal.address))
    assert isinstance(client, Client)
    assert client.data_converter is PAYLOADS


async def test_where_it_looked_is_named() -> None:
    with pytest.raises(TemporalUnreachable, match=r"127\.0\.0\.1:1"):
        await connect_within(Settings(temporal_address="127.0.0.1:1"), seconds=0.5)


def test_without_an_address_it_is_the_own_server() -> None:
    assert address(Settings(temporal_address=None, temporal_port=7300)) == "127.0.0.1:7300"
