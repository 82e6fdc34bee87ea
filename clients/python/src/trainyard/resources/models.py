"""``client.models``: names that stand for what jobs learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx

from ..dataset_prediction import DatasetPrediction
from ..http.json_body import to_json
from ..http.query import segment
from ..http.transport import Request, Transport, parse
from ..record import Record
from .prediction_api import PredictionApi
from .predictions import predict_at


class Models:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Record]:
        """All of them, by name."""
        return cast("list[Record]", self._transport.json("GET", "/v1/models")["data"])

    def get(self, name: str) -> Record:
        """One, and in ``etag`` the tag of this version of it."""
        return self._transport.call(Request("GET", _path(name)), _tagged)

    def put(
        self, name: str, job_id: str, *, epoch: int | None = None, if_match: str | None = None, if_none_match: str | None = None
    ) -> Record:
        """
        Names what a job learned, or switches the name to it. With ``if_match``, an ``etag``, only if the model is still that version;
        with ``if_none_match="*"`` only if there is no such model yet. Raises PreconditionFailedError.
        """
        content = to_json({"jobId": job_id, **({} if epoch is None else {"epoch": epoch})})
        headers = {"content-type": "application/json", **_headers({"if-match": if_match, "if-none-match": if_none_match})}
        return self._transport.call(Request("PUT", _path(name), headers=headers, content=content), _tagged)

    def delete(self, name: str, *, if_match: str | None = None) -> None:
        """Gives up the name; its job stays."""
        self._transport.json("DELETE", _path(name), headers=_headers({"if-match": if_match}))

    def predict(self, name: str, rows: Any, *, output: str | None = None, labels: Any = None) -> Record:
        """What it gives for rows of yours, as ``job.predict`` takes them."""
        return predict_at(self._transport, _path(name, "/predictions"), rows, output, labels)

    def predict_dataset(
        self, name: str, dataset: str | Mapping[str, Any], *, output: str | None = None, metrics: bool | None = None
    ) -> DatasetPrediction:
        """What it gives for all rows of a dataset, as ``job.predict_dataset`` takes it."""
        predictions = PredictionApi(self._transport)
        return DatasetPrediction(predictions, predictions.create(_path(name, "/predictions"), dataset, output, metrics))


def _tagged(answer: httpx.Response) -> Record:
    return Record({**parse(answer.read()), "etag": answer.headers.get("etag", "")})


def _headers(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _path(name: str, rest: str = "") -> str:
    return f"/v1/models/{segment(name)}{rest}"
