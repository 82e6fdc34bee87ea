"""The network of a job as PyTorch's own: modules by their Python, never run as code, and their state."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import TrainyardError


@dataclass(frozen=True)
class Module:
    """A module as the service names it: ``Linear(2, 1, bias=False)``."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]


def parse_module(code: str) -> Module:
    """Raises TrainyardError for anything but a call with literal arguments."""
    try:
        call = ast.parse(code, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError("it is no call")
        options = {str(one.arg): _literal(one.value) for one in call.keywords}
        return Module(call.func.id, tuple(_literal(one) for one in call.args), options)
    except (SyntaxError, ValueError) as error:
        raise TrainyardError(f"{code!r} is no module that this version of the client knows") from error


def build_sequential(codes: Sequence[str], tensors: Mapping[str, Any]) -> Any:
    """A loaded ``torch.nn.Sequential`` in evaluation mode. Raises TrainyardError naming a module that this PyTorch has not."""
    try:
        import torch

        from .permute import Permute
    except ImportError as error:
        raise ImportError("PyTorch is needed for to_torch: pip install torch") from error

    def make(code: str) -> Any:
        module = parse_module(code)
        kind = Permute if module.name == "Permute" else getattr(torch.nn, module.name, None)
        if not (isinstance(kind, type) and issubclass(kind, torch.nn.Module)):
            raise TrainyardError(f"The job has a layer {code}, which PyTorch {torch.__version__} does not have")
        return kind(*module.arguments, **module.options)

    net = torch.nn.Sequential(*(make(code) for code in codes))
    net.load_state_dict({name: torch.as_tensor(values) for name, values in tensors.items()})
    return net.eval()


def _literal(node: ast.expr) -> Any:
    """A literal, where ``-float('inf')`` is one too."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Call):
        return -_literal(node.operand)
    if isinstance(node, ast.Call):
        words = [ast.literal_eval(one) for one in node.args]
        if not (isinstance(node.func, ast.Name) and node.func.id == "float" and words == ["inf"]):
            raise ValueError("no function but float may be called")
        return float("inf")
    return ast.literal_eval(node)
