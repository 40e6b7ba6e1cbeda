"""Client of an AI Core gateway. The functions of every day are in ``ai_core.services``."""

from .client import Client
from .configuration import Configuration, configure, current_configuration
from .errors import *  # noqa: F401,F403 - the exceptions are listed in errors.__all__
from .errors import __all__ as _errors

__all__ = ["Client", "Configuration", "configure", "current_configuration", *_errors]
