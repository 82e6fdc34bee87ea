"""What the engine answers at once: losses and initializers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..arrays import flat_of
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record, camel_case


def evaluate_loss(transport: Transport, type: str, inputs: Sequence[Any], target: Any, said: Mapping[str, Any]) -> Record:
    body = {"inputs": [_tensor_of(one) for one in inputs], "target": _tensor_of(target), **_spelt(said)}
    return cast(Record, transport.json("POST", f"/v1/losses/{segment(type)}/evaluate", body=body))


def sample_initializer(transport: Transport, type: str, shape: Sequence[int], said: Mapping[str, Any]) -> Record:
    body = {"shape": list(shape), **_spelt(said)}
    return cast(Record, transport.json("POST", f"/v1/initializers/{segment(type)}/sample", body=body))


def _tensor_of(array: Any) -> dict[str, Any]:
    values, shape = flat_of(array)
    return {"shape": shape, "values": values}


def _spelt(said: Mapping[str, Any]) -> dict[str, Any]:
    return {camel_case(name): value for name, value in said.items()}
