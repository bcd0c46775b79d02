"""The one way every process connects to Temporal, so that all read and write payloads alike."""

import asyncio

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from settings import Settings


class TemporalUnreachable(Exception):
    """No Temporal server answers at the address."""


async def connect(settings: Settings) -> Client:
    """Connects once; raises RuntimeError when nothing answers."""
    key = settings.temporal_api_key
    return await Client.connect(
        address(settings),
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        api_key=key.get_secret_value() if key else None,
        tls=settings.temporal_tls or key is not None,
    )


async def connect_within(settings: Settings, seconds: float = 30.0) -> Client:
    """Connects as soon as the server answers; raises TemporalUnreachable after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await connect(settings)
                except RuntimeError:
                    await asyncio.sleep(0.2)
    except TimeoutError:
        message = (
            f"no Temporal server answers at {address(settings)}; start one or set CAUCE_TEMPORAL_ADDRESS"
        )
        raise TemporalUnreachable(message) from None


def address(settings: Settings) -> str:
    """Tells where Temporal is: the address set, else the own development server's."""
    return settings.temporal_address or f"127.0.0.1:{settings.temporal_port}"
