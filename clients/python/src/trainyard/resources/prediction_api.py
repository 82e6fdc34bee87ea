"""The requests about predictions for whole datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..files.download import Download
from ..http.query import segment
from ..http.transport import Request, Transport
from ..record import Record

# How many seconds the service may hold an answer back.
_WAIT_SECONDS = 60


class PredictionApi:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, at: str, dataset: str | Mapping[str, Any], output: str | None, metrics: bool | None) -> Record:
        """Asks for the rows of a dataset; ``at`` is the path of a job's or a model's predictions."""
        named = {"id": dataset} if isinstance(dataset, str) else dataset
        said = {"output": output, "metrics": metrics}
        body = {"dataset": named, **{name: value for name, value in said.items() if value is not None}}
        return cast(Record, self._transport.json("POST", at, body=body))

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def wait_once(self, id: str) -> Record:
        """Answers at the end, or after a minute."""
        silence = self._transport.options.timeout + _WAIT_SECONDS
        return cast(Record, self._transport.json("GET", _path(id), query={"wait": _WAIT_SECONDS}, max_silence=silence))

    def file(self, id: str, format: str) -> Download:
        return Download(self._transport, Request("GET", _path(id, "/rows"), query={"format": format}), f"{id}.{format}")

    def rows(self, id: str) -> Iterator[Record]:
        rest = b""
        for chunk in self.file(id, "ndjson"):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line, object_hook=Record)

    def delete(self, id: str) -> None:
        self._transport.json("DELETE", _path(id))


def _path(id: str, rest: str = "") -> str:
    return f"/v1/predictions/{segment(id)}{rest}"
