"""Training by hand: a model that a program drives, operation by operation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union, cast

from .arrays import flat_of, float_array_of
from .http.json_body import cells_of
from .http.query import segment
from .http.transport import Transport
from .record import Record

# Seconds that the service may hold an answer back.
_WAIT = 60

Batch = Union[Mapping[str, Any], "tuple[Any, Any]"]
"""What ``batches`` gives, rows of the dataset as ``{"rows": [0, 5]}``, or examples of the program's own as ``(X, y)``."""


@dataclass(frozen=True)
class Forward:
    """The outputs of a model for a batch, an array, and what ``backward`` needs to know of that pass."""

    outputs: Any
    version: int
    number: int | None


class Trainer:
    """
    Every method is one request, and ``perform`` any number of operations in one: all of them happen or none. Requests are numbered, so
    one whose answer was lost is asked for again and not done twice.
    """

    def __init__(self, transport: Transport, data: Record) -> None:
        self._transport = transport
        self.data = data
        """The trainer as the service wrote it when it was made or asked for."""
        self.version = int(data["version"])
        """Updates of its parameters so far."""
        self._seq = int(data["lastSeq"])

    @property
    def id(self) -> str:
        return str(self.data["id"])

    def perform(self, *operations: Mapping[str, Any]) -> list[Record]:
        """One result an operation, in order. Raises ValidationError naming an operation, ``/operations/3/…``, and then none was done."""
        seq = self._seq + 1
        path = f"/v1/trainers/{segment(self.id)}/operations"
        body = {"seq": seq, "operations": operations}
        silence = self._transport.options.timeout + _WAIT
        answer = self._transport.json("POST", path, query={"wait": _WAIT}, body=body, max_silence=silence)
        while "results" not in answer:
            answer = self._transport.json("GET", f"{path}/{seq}", query={"wait": _WAIT}, max_silence=silence)
        self._seq = seq
        self.version = answer["version"]
        return cast("list[Record]", answer["results"])

    def batches(self, size: int, *, epoch: int, drop_last: bool = False) -> Iterator[Record]:
        """The mini-batches of an epoch, counted from 1, as a job with the same seed sees them. Their rows stay with the service."""
        rows = self._transport.json("GET", f"/v1/datasets/{segment(self.data['dataset']['id'])}")["rows"]
        count = rows // size if drop_last else math.ceil(rows / size)
        return (Record(type="batch", size=size, epoch=epoch, index=index) for index in range(count))

    def train_step(self, batch: Batch, *, learning_rate: float | None = None) -> Record:
        """A whole step of training: gradients of the loss, and the optimizer's update. Gives ``loss`` and ``gradient_norm``."""
        told = self.perform(
            _batch(batch), {"type": "zeroGradients"}, {"type": "forwardBackward"}, _operation("step", learningRate=learning_rate)
        )
        return Record({**told[2], **told[3]})

    def forward(self, batch: Batch, *, mode: str = "training") -> Forward:
        """The outputs for a batch; in ``training`` with dropout, and as a pass that ``backward`` can follow."""
        _, told = self.perform(_batch(batch), {"type": "forward", "mode": mode})
        outputs = float_array_of(told["outputs"]["values"], told["outputs"]["shape"])
        return Forward(outputs, self.version, told.get("pass"))

    def forward_backward(self, batch: Batch, *, loss: Mapping[str, Any] | None = None) -> float:
        """The loss of a batch, the trainer's or another for this time; its gradients are added to those that are there."""
        _, told = self.perform(_batch(batch), _operation("forwardBackward", loss=loss))
        return float(told["loss"])

    def backward(self, forward: Forward, output_gradients: Any) -> None:
        """
        Carries the gradient of a loss of your own, by each of the outputs of a forward in training mode, back through the model, and
        adds to the gradients. Raises ConflictError if there was an update since.
        """
        values, shape = flat_of(output_gradients)
        gradients = {"shape": shape, "values": values}
        self.perform({"type": "backward", "outputGradients": gradients, "ifVersion": forward.version, "pass": forward.number})

    def zero_gradients(self) -> None:
        """Forgets the gradients, which add up until then."""
        self.perform({"type": "zeroGradients"})

    def gradients(self, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The gradients, arrays by parameter."""
        (told,) = self.perform(_operation("gradients", names=names))
        return _arrays_of(told["gradients"])

    def parameters(self, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The parameters, arrays by name."""
        (told,) = self.perform(_operation("parameters", names=names))
        return _arrays_of(told["parameters"])

    def clip(self, *, norm: float | None = None, value: float | None = None) -> float:
        """Limits the gradients by their common norm, or each value; gives the norm before it."""
        (told,) = self.perform(_operation("clip", norm=norm, value=value))
        return float(told["norm"])

    def step(self, *, learning_rate: float | None = None, names: Sequence[str] | None = None) -> Record:
        """The optimizer's update, of all parameters or of those that are named; gives its norms."""
        (told,) = self.perform(_operation("step", learningRate=learning_rate, names=names))
        return told

    def update(self, deltas: Mapping[str, Any]) -> None:
        """Adds to parameters: the update of an optimizer of your own."""
        self.perform({"type": "update", "deltas": _tensors_of(deltas)})

    def assign(self, values: Mapping[str, Any]) -> None:
        """Sets parameters."""
        self.perform({"type": "assign", "values": _tensors_of(values)})

    def evaluate(self, metrics: Sequence[str] = (), *, dataset: str | Mapping[str, Any] | None = None) -> Record:
        """``loss`` and ``metrics`` in evaluation mode over the whole dataset, or over another: by its id, or as what is generated."""
        named = {"id": dataset} if isinstance(dataset, str) else dataset
        (told,) = self.perform(_operation("evaluate", metrics=list(metrics), dataset=named))
        return told

    def save(self, name: str) -> None:
        """Keeps parameters and optimizer under a name."""
        self.perform({"type": "save", "name": name})

    def checkpoints(self) -> list[Record]:
        """What was saved, by name."""
        return self._transport.json("GET", f"/v1/trainers/{segment(self.id)}/checkpoints")["data"]

    def load(self, name: str) -> None:
        """Goes back to what was saved."""
        self.perform({"type": "load", "name": name})

    def repeat(self, times: int, *operations: Mapping[str, Any]) -> Record:
        """A loop on the server; a ``batch`` of a ``size`` alone takes the next one. Gives the last ``results``, and ``mean_loss``."""
        (told,) = self.perform({"type": "repeat", "times": times, "operations": operations})
        return told

    def close(self) -> None:
        """Takes no requests any more; what it saved stays."""
        self._transport.json("POST", f"/v1/trainers/{segment(self.id)}/close")

    def delete(self) -> None:
        """Deletes it with all that it saved."""
        self._transport.json("DELETE", f"/v1/trainers/{segment(self.id)}")

    def __repr__(self) -> str:
        return f"<Trainer {self.id}, version {self.version}>"


def _operation(type: str, **options: Any) -> dict[str, Any]:
    return {"type": type, **{name: value for name, value in options.items() if value is not None}}


def _batch(batch: Batch) -> dict[str, Any]:
    if isinstance(batch, Mapping):
        return {"type": "batch", **batch}
    features, labels = batch
    return {"type": "batch", "features": cells_of(features), **({} if labels is None else {"labels": cells_of(labels)})}


def _arrays_of(sent: Sequence[Record]) -> dict[str, Any]:
    return {one["name"]: float_array_of(one["values"], one["shape"]) for one in sent}


def _tensors_of(arrays: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "values": flat_of(values)[0]} for name, values in arrays.items()]
