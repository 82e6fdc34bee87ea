"""``client.uploads``: files that come in parts and are no datasets yet; ``client.upload`` sends them, and goes on with one by its id."""

from __future__ import annotations

from typing import Any, cast

from ..http.query import segment
from ..http.transport import Transport
from ..record import Record


class Uploads:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, **query: Any) -> list[Record]:
        """Those that are open, newest first: ``list(created_after=…)``."""
        return cast("list[Record]", self._transport.json("GET", "/v1/uploads", query=query)["data"])

    def get(self, id: str) -> Record:
        """One with the ``parts`` that are there."""
        return cast(Record, self._transport.json("GET", _path(id)))

    def delete(self, id: str) -> None:
        """Gives it up. Raises ConflictError while a dataset is made of it."""
        self._transport.json("DELETE", _path(id))


def _path(id: str) -> str:
    return f"/v1/uploads/{segment(id)}"
