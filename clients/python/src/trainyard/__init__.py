"""Client of Trainyard: training as a service over HTTP."""

from .client import Client
from .dataset_prediction import DatasetPrediction
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionError,
    NotFoundError,
    PermissionError,
    PreconditionFailedError,
    RateLimitError,
    ServerError,
    SignatureError,
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
from .resources.uploader import UploadProgress
from .results import Gradient
from .trainer import Forward, Trainer
from .verify_webhook import verify_webhook

__all__ = [
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "ConnectionError",
    "DatasetPrediction",
    "Download",
    "Forward",
    "Gradient",
    "Job",
    "NotFoundError",
    "Pages",
    "PermissionError",
    "PreconditionFailedError",
    "RateLimitError",
    "Record",
    "ServerError",
    "SignatureError",
    "TimeoutError",
    "TooLargeError",
    "Trainer",
    "TrainyardError",
    "UnsuccessfulError",
    "UploadProgress",
    "ValidationError",
    "ValidationErrorEntry",
    "Weights",
    "verify_webhook",
]
