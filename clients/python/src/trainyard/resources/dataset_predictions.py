"""``client.predictions``: what models give for whole datasets."""

from __future__ import annotations

from typing import Any

from ..dataset_prediction import DatasetPrediction
from ..http.pages import Pages
from ..http.transport import Transport
from ..record import Record
from .listing import as_it_is, list_of
from .prediction_api import PredictionApi


class Predictions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._api = PredictionApi(transport)

    def get(self, id: str) -> DatasetPrediction:
        return DatasetPrediction(self._api, self._api.get(id))

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first: ``list(status="succeeded", job=job.id)``."""
        return list_of(self._transport, "/v1/predictions", query, as_it_is)

    def delete(self, id: str) -> None:
        """Deletes it with its rows, whatever is done for it."""
        self._api.delete(id)
