"""Where the gateway is and who asks: given by ``configure``, else by Django's settings, else by the environment."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Optional

from .errors import RequestInvalid

DEFAULT_URL = "http://127.0.0.1:4000"
DEFAULT_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Configuration:
    """url: address of the gateway. api_key: key of this backend. timeout_s: how long a call may take, in seconds."""

    url: str
    api_key: str
    timeout_s: float = DEFAULT_TIMEOUT_S

    def __repr__(self) -> str:
        return f"Configuration(url={self.url!r}, timeout_s={self.timeout_s!r})"


_given: "dict[str, Any]" = {}


def configure(*, url: Optional[str] = None, api_key: Optional[str] = None, timeout_s: Optional[float] = None) -> None:
    """Sets what the functions of ``ai_core.services`` use; what is ``None`` is looked up again."""
    _given.clear()
    given = {"AI_CORE_URL": url, "AI_CORE_API_KEY": api_key, "AI_CORE_TIMEOUT_S": timeout_s}
    _given.update({name: value for name, value in given.items() if value is not None})


def _look_up(name: str) -> Any:
    if name in _given:
        return _given[name]
    # Only a project that has loaded Django itself has its settings asked.
    settings = getattr(sys.modules.get("django.conf"), "settings", None)
    if settings is not None and getattr(settings, "configured", False):
        value = getattr(settings, name, None)
        if value:
            return value
    return os.environ.get(name) or None


def current_configuration() -> Configuration:
    """
    What holds now.

    Raises RequestInvalid when no key is set or a value is none.
    """
    api_key = _look_up("AI_CORE_API_KEY")
    if not api_key:
        raise RequestInvalid("AI_CORE_API_KEY is not set; make a key with `ai-core keys create NAME` and put it into the environment.")
    url = str(_look_up("AI_CORE_URL") or DEFAULT_URL).rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise RequestInvalid("AI_CORE_URL must begin with http:// or https://.")
    try:
        timeout_s = float(_look_up("AI_CORE_TIMEOUT_S") or DEFAULT_TIMEOUT_S)
    except ValueError:
        raise RequestInvalid("AI_CORE_TIMEOUT_S must be a number of seconds.") from None
    return Configuration(url=url, api_key=str(api_key), timeout_s=timeout_s)
