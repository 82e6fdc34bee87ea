"""``client.trainers``: training driven by hand, operation by operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record
from ..trainer import Trainer
from .listing import as_it_is, list_of


class Trainers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, config: Mapping[str, Any], *, idempotency_key: str | None = None) -> Trainer:
        """A model with its dataset, loss and optimizer, at version 0. Raises ValidationError with all that is wrong with it."""
        sent = self._transport.json("POST", "/v1/trainers", body=config, idempotency_key=idempotency_key)
        return Trainer(self._transport, sent)

    def get(self, id: str) -> Trainer:
        """Goes on with a trainer after the last request that was done."""
        return Trainer(self._transport, self._transport.json("GET", f"/v1/trainers/{segment(id)}"))

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first."""
        return list_of(self._transport, "/v1/trainers", query, as_it_is)

    def delete(self, id: str) -> None:
        """Deletes a trainer with all that it saved."""
        self._transport.json("DELETE", f"/v1/trainers/{segment(id)}")
