"""HTTP calls of the gateway: waiting, repeating where it is safe, and exceptions for what failed."""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from .configuration import Configuration, current_configuration
from .errors import AiCoreError, GatewayUnreachable, ResultNotReady, error_from_problem

#: The gateway holds a request no longer than this; then it is asked again for the same job.
_LONGEST_WAIT_S = 60.0
#: What the network may take on top of the wait.
_NETWORK_MARGIN_S = 10.0
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
#: Refused before any work began, so that asking again cannot pay twice.
_REPEATED_CODES = frozenset({"QUEUE_FULL", "STORE_UNAVAILABLE", "GATEWAY_UNREACHABLE"})
_REPEATED_STATUS = frozenset({502, 503, 504})


class Response(NamedTuple):
    """status, headers with lower-case names, body."""

    status: int
    headers: "Dict[str, str]"
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8"))


class Audio(NamedTuple):
    """data: the MP3. provider, model: who spoke. cached: nothing was called for it."""

    data: bytes
    provider: str
    model: str
    cached: bool


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to wherever it leads."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        return None


_opener = urllib.request.build_opener(_NoRedirect)


class Client:
    """
    Calls one gateway. Holds no connection, so threads and forked processes may share one.

    configuration: where and who; ``None`` looks it up at every call.
    """

    def __init__(self, configuration: Optional[Configuration] = None) -> None:
        self._configuration = configuration

    @property
    def configuration(self) -> Configuration:
        return self._configuration or current_configuration()

    def text(self, request: "Mapping[str, Any]", timeout_s: Optional[float] = None) -> "Dict[str, Any]":
        """
        Answers a text request.

        request: the body of ``POST /v1/text``; what is ``None`` is left out.
        Returns the gateway's answer: text, provider, model, cached, cost_usd and the rest of the receipt.
        Raises a subclass of AiCoreError; ResultNotReady when ``timeout_s`` seconds were not enough.
        """
        return self._generate("/v1/text", request, timeout_s, accept="application/json").json()

    def audio(self, request: "Mapping[str, Any]", timeout_s: Optional[float] = None) -> Audio:
        """Answers a speech request: the body of ``POST /v1/audio``. Raises like ``text``."""
        response = self._generate("/v1/audio", request, timeout_s, accept="audio/mpeg, application/json;q=0.5")
        if response.headers.get("content-type", "").startswith("audio/"):
            return Audio(
                data=response.body,
                provider=response.headers.get("x-ai-core-provider", ""),
                model=urllib.parse.unquote(response.headers.get("x-ai-core-model", "")),
                cached=response.headers.get("x-ai-core-cached") == "true",
            )
        answer = response.json()
        return Audio(self._download(str(answer["audio_url"])), answer["provider"], answer["model"], bool(answer["cached"]))

    def training_data(self, query: "Mapping[str, Any]", timeout_s: Optional[float] = None) -> "List[Dict[str, Any]]":
        """Exports curated examples: the query of ``GET /v1/training-data/export``. Raises like ``text``."""
        path = "/v1/training-data/export?" + urllib.parse.urlencode(_without_none(query))
        deadline = self._deadline(timeout_s)
        response = self._repeat(deadline, lambda: self._request("GET", path, wait_s=_LONGEST_WAIT_S))
        text = response.body.decode("utf-8")
        if text.lstrip().startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.split("\n") if line.strip()]

    def _generate(self, path: str, request: "Mapping[str, Any]", timeout_s: Optional[float], accept: str) -> Response:
        deadline = self._deadline(timeout_s)
        headers = {"accept": accept, "idempotency-key": str(uuid.uuid4())}
        wait_s = round(max(0.0, min(_LONGEST_WAIT_S, deadline - time.monotonic())), 3)
        # One body for all tries: an idempotency key stands for one request.
        body = json.dumps({"wait_s": wait_s, **_without_none(request)}).encode("utf-8")
        response = self._repeat(deadline, lambda: self._request("POST", path, headers=headers, body=body, wait_s=wait_s))
        while response.status == 202:
            pending = response.json()
            if time.monotonic() >= deadline:
                raise ResultNotReady(
                    "the answer was not there in time; the work goes on, and the same request asked again joins it.",
                    status=202,
                    retry="later",
                    job_id=pending.get("job_id"),
                )
            response = self._look_again(str(pending["status_url"]), deadline, accept)
        return response

    def _look_again(self, status_url: str, deadline: float, accept: str) -> Response:
        wait_s = max(0.0, min(_LONGEST_WAIT_S, deadline - time.monotonic()))
        path = f"{status_url}{'&' if '?' in status_url else '?'}wait_s={wait_s:.3f}"
        return self._repeat(deadline, lambda: self._request("GET", path, headers={"accept": accept}, wait_s=wait_s))

    def _deadline(self, timeout_s: Optional[float]) -> float:
        return time.monotonic() + (self.configuration.timeout_s if timeout_s is None else timeout_s)

    def _repeat(self, deadline: float, ask: "Callable[[], Response]") -> Response:
        """Asks until there is an answer that asking again cannot better, or the time is over."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return ask()
            except AiCoreError as error:
                if error.code not in _REPEATED_CODES:
                    raise
                wait_s = max(error.retry_after_s or 0.0, pause_s * random.uniform(0.5, 1.0))
                if time.monotonic() + wait_s >= deadline:
                    raise
            time.sleep(wait_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    def _request(
        self,
        method: str,
        path: str,
        *,
        headers: "Mapping[str, str]" = {},
        body: Optional[bytes] = None,
        wait_s: float = 0.0,
    ) -> Response:
        configuration = self.configuration
        request = urllib.request.Request(configuration.url + path, data=body, method=method)
        request.add_header("authorization", f"Bearer {configuration.api_key}")
        request.add_header("user-agent", "ai-core-python")
        if body is not None:
            request.add_header("content-type", "application/json")
        for name, value in headers.items():
            request.add_header(name, value)
        try:
            return _open(request, wait_s + _NETWORK_MARGIN_S)
        except urllib.error.HTTPError as error:
            with error:
                raise _failure(error.code, dict(_lowered(error.headers)), error.read()) from None
        # A reset, a name that does not resolve, a body that breaks off: all of them are OSError or HTTPException.
        except (OSError, http.client.HTTPException) as error:
            raise GatewayUnreachable(
                f"the gateway at {configuration.url} did not answer ({type(error).__name__}); is it running, and is AI_CORE_URL right?",
                retry="later",
            ) from error

    def _download(self, url: str) -> bytes:
        """Reads a presigned address: it carries its own permission and must not be given the key."""
        try:
            return _open(urllib.request.Request(url), _LONGEST_WAIT_S).body
        except (OSError, http.client.HTTPException) as error:
            raise GatewayUnreachable("the audio file could not be read from the object store.", retry="later") from error


def _open(request: urllib.request.Request, timeout_s: float) -> Response:
    with _opener.open(request, timeout=timeout_s) as response:
        return Response(response.status, dict(_lowered(response.headers)), response.read())


def _lowered(headers: Any) -> "List[tuple[str, str]]":
    return [(str(name).lower(), str(value)) for name, value in headers.items()]


def _failure(status: int, headers: "Mapping[str, str]", body: bytes) -> AiCoreError:
    try:
        retry_after_s: Optional[float] = float(headers["retry-after"])
    except (KeyError, ValueError):
        retry_after_s = None
    try:
        problem = json.loads(body.decode("utf-8"))
    except ValueError:
        problem = None
    if isinstance(problem, dict) and isinstance(problem.get("code"), str):
        return error_from_problem(status, problem, retry_after_s)
    message = f"the gateway answered with HTTP {status} and without an error code; something in front of it may have."
    if status in _REPEATED_STATUS:
        return GatewayUnreachable(message, status=status, retry="later", retry_after_s=retry_after_s)
    return AiCoreError(message, status=status)


def _without_none(values: "Mapping[str, Any]") -> "Dict[str, Any]":
    given = {name: value for name, value in values.items() if value is not None}
    return {name: ("true" if value else "false") if isinstance(value, bool) and name == "verified_only" else value for name, value in given.items()}
