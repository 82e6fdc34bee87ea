"""What a job gives, in the types of programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .arrays import float_array_of
from .record import Record


@dataclass(frozen=True)
class Gradient:
    """
    The gradient of one parameter in the last mini-batch of an epoch. ``values`` is an array of numpy, or nested lists without numpy;
    None where only norms were recorded or asked for.
    """

    epoch: int
    parameter: str
    shape: tuple[int, ...]
    norm: float
    values: Any | None


def gradient_of(sent: Record) -> Gradient:
    """Numbers that are not finite come as words."""
    values = sent.get("values")
    shape = tuple(sent["shape"])
    return Gradient(
        epoch=sent["epoch"],
        parameter=sent["parameter"],
        shape=shape,
        norm=float(sent["norm"]),
        values=None if values is None else float_array_of(values, shape),
    )
