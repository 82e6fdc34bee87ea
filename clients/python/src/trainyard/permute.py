"""The one module of a job that ``torch.nn`` does not have. Importing this file needs PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


class Permute(torch.nn.Module):  # type: ignore[misc]
    """Moves the axes of a batch, as torchvision.ops.Permute does."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, x: Any) -> Any:
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        return str(self.dims)
