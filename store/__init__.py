"""The store: the only place with SQL and rows. `Store` is its door, `Tx` one transaction."""

from store.base import digest, new_id
from store.door import Store, Tx
from store.waking import Waker

__all__ = ["Store", "Tx", "Waker", "digest", "new_id"]
