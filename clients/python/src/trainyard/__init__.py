"""Client of Trainyard: training as a service over HTTP."""

from .client import Client
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionError,
    NotFoundError,
    PermissionError,
    RateLimitError,
    ServerError,
    TimeoutError,
    TooLargeError,
    TrainyardError,
    UnsuccessfulError,
    ValidationError,
    ValidationErrorEntry,
)
from .files.download import Download
from .files.safetensors import Weights
from .http.pages import Pages
from .job import Job
from .record import Record
from .resources.uploads import UploadProgress
from .results import Gradient
from .trainer import Forward, Trainer

__all__ = [
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "ConnectionError",
    "Download",
    "Forward",
    "Gradient",
    "Job",
    "NotFoundError",
    "Pages",
    "PermissionError",
    "RateLimitError",
    "Record",
    "ServerError",
    "TimeoutError",
    "TooLargeError",
    "Trainer",
    "TrainyardError",
    "UnsuccessfulError",
    "UploadProgress",
    "ValidationError",
    "ValidationErrorEntry",
    "Weights",
]
