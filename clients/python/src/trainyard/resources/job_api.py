"""The requests about one job, by its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..dataset_prediction import DatasetPrediction
from ..files.download import Download, file_name_of
from ..files.safetensors import Weights, read_safetensors
from ..http.following import follow
from ..http.query import segment
from ..http.transport import Request, Transport
from ..record import Record, camel_case
from ..results import Gradient, gradient_of
from .prediction_api import PredictionApi
from .predictions import predict_at

# How many seconds the service may hold an answer back.
WAIT_SECONDS = 60
_EVENTS_PER_PAGE = 1000
_LAST = ("succeeded", "failed", "cancelled")


class JobApi:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def wait_once(self, id: str, wait_for: str, seconds: int = WAIT_SECONDS) -> Record:
        """Answers at the next ``change``, or at the ``end``, or after so many seconds, 60 at most."""
        silence = self._transport.options.timeout + seconds
        query = {"wait": seconds, "wait_for": wait_for}
        return cast(Record, self._transport.json("GET", _path(id), query=query, max_silence=silence))

    def act(self, id: str, action: str) -> Record:
        return cast(Record, self._transport.json("POST", _path(id, f"/{action}")))

    def delete(self, id: str) -> None:
        self._transport.json("DELETE", _path(id))

    def epochs(self, id: str, query: Mapping[str, Any]) -> list[Record]:
        return cast("list[Record]", self._transport.json("GET", _path(id, "/epochs"), query=query)["data"])

    def checkpoints(self, id: str, query: Mapping[str, Any]) -> list[Record]:
        return cast("list[Record]", self._transport.json("GET", _path(id, "/checkpoints"), query=query)["data"])

    def histograms(self, id: str, query: Mapping[str, Any]) -> Record:
        return cast(Record, self._transport.json("GET", _path(id, "/histograms"), query=query))

    def gradients(self, id: str, query: Mapping[str, Any]) -> list[Gradient]:
        return [gradient_of(one) for one in self._transport.json("GET", _path(id, "/gradients"), query=query)["data"]]

    def weights(self, id: str, query: Mapping[str, Any]) -> Weights:
        request = Request("GET", _path(id, "/weights"), query={**query, "format": "safetensors"})

        def read(answer: Any) -> Weights:
            weights = read_safetensors(answer.read())
            weights.file_name = file_name_of(answer.headers.get("content-disposition"))
            return weights

        return self._transport.call(request, read)

    def file(self, id: str, what: str, format: str, query: Mapping[str, Any]) -> Download:
        request = Request("GET", _path(id, f"/{what}"), query={**query, "format": format})
        return Download(self._transport, request, f"{id}-{what}.{format}")

    def picture(self, id: str, format: str, query: Mapping[str, Any]) -> Download:
        return Download(self._transport, Request("GET", _path(id, f"/loss.{segment(format)}"), query=query), f"{id}-loss.{format}")

    def picture_link(self, id: str, said: Mapping[str, Any]) -> Record:
        body = {camel_case(name): value for name, value in said.items()}
        link = self._transport.json("POST", _path(id, "/links"), body=body)
        return Record({**link, "url": f"{self._transport.options.url}{link['url']}"})

    def predict(self, id: str, rows: Any, output: str | None, labels: Any) -> Record:
        return predict_at(self._transport, _path(id, "/predictions"), rows, output, labels)

    def predict_dataset(self, id: str, dataset: str | Mapping[str, Any], output: str | None, metrics: bool | None) -> DatasetPrediction:
        predictions = PredictionApi(self._transport)
        return DatasetPrediction(predictions, predictions.create(_path(id, "/predictions"), dataset, output, metrics))

    def history(self, id: str, after: int) -> Iterator[Record]:
        """What is stored so far, page by page."""
        while True:
            query = {"after": after, "limit": _EVENTS_PER_PAGE}
            events = self._transport.json("GET", _path(id, "/events"), query=query)["data"]
            yield from events
            if len(events) < _EVENTS_PER_PAGE:
                return
            after = events[-1]["seq"]

    def follow(self, id: str, after: int) -> Iterator[Record]:
        """Until the job's last event."""
        for event in follow(self._transport, _path(id, "/events"), {}, str(after)):
            yield event
            if event["type"] in _LAST:
                return


def _path(id: str, rest: str = "") -> str:
    return f"/v1/jobs/{segment(id)}{rest}"
