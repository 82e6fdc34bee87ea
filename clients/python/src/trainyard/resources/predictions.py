"""A request to predict, whoever's weights it is for."""

from __future__ import annotations

from typing import Any, cast

from ..http.json_body import cells_of, rows_of
from ..http.transport import Transport
from ..record import Record


def predict_at(transport: Transport, path: str, rows: Any, output: str | None, labels: Any) -> Record:
    cells = cells_of(rows_of(rows))
    is_by_name = isinstance(cells, list) and len(cells) > 0 and isinstance(cells[0], dict)
    said = {"output": output, "labels": None if labels is None else cells_of(labels)}
    body = {"rows" if is_by_name else "features": cells, **{name: value for name, value in said.items() if value is not None}}
    return cast(Record, transport.json("POST", path, body=body))
