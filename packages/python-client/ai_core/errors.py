"""One exception for every error code of AI Core. ``docs/errors.md`` tells what each means and what helps."""

from __future__ import annotations

from typing import Any, Mapping, Optional


class AiCoreError(Exception):
    """
    A request was not answered.

    code: the error code, for example ``BUDGET_EXCEEDED``.
    status: the HTTP status; ``None`` when there was no answer.
    retry: ``never``, ``later`` or ``elsewhere``: whether asking again can help.
    retry_after_s: after how many seconds it can; ``None`` when that is not known.
    request_id: names the request in AI Core's log.
    job_id: the work that goes on, when there is some.
    """

    code = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        code: Optional[str] = None,
        status: Optional[int] = None,
        retry: str = "never",
        retry_after_s: Optional[float] = None,
        request_id: Optional[str] = None,
        job_id: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.status = status
        self.retry = retry
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.job_id = job_id


class RequestInvalid(AiCoreError):
    code = "REQUEST_INVALID"


class Unauthenticated(AiCoreError):
    code = "UNAUTHENTICATED"


class Forbidden(AiCoreError):
    code = "FORBIDDEN"


class NotFound(AiCoreError):
    code = "NOT_FOUND"


class IdempotencyConflict(AiCoreError):
    code = "IDEMPOTENCY_CONFLICT"


class TooLarge(AiCoreError):
    code = "TOO_LARGE"


class VoiceUnknown(AiCoreError):
    code = "VOICE_UNKNOWN"


class ModelUnknown(AiCoreError):
    code = "MODEL_UNKNOWN"


class NoModelAvailable(AiCoreError):
    code = "NO_MODEL_AVAILABLE"


class ContextTooLong(AiCoreError):
    code = "CONTEXT_TOO_LONG"


class BudgetExceeded(AiCoreError):
    code = "BUDGET_EXCEEDED"


class QueueFull(AiCoreError):
    code = "QUEUE_FULL"


class ProviderError(AiCoreError):
    """What all failures of a provider have in common."""


class ProviderRateLimited(ProviderError):
    code = "PROVIDER_RATE_LIMITED"


class ProviderQuotaExhausted(ProviderError):
    code = "PROVIDER_QUOTA_EXHAUSTED"


class ProviderOverloaded(ProviderError):
    code = "PROVIDER_OVERLOADED"


class ProviderTimeout(ProviderError):
    code = "PROVIDER_TIMEOUT"


class ProviderUnreachable(ProviderError):
    code = "PROVIDER_UNREACHABLE"


class ProviderAuth(ProviderError):
    code = "PROVIDER_AUTH"


class ProviderRefused(ProviderError):
    code = "PROVIDER_REFUSED"


class ProviderBadAnswer(ProviderError):
    code = "PROVIDER_BAD_ANSWER"


class ResultNotReady(AiCoreError):
    """The time was over before the answer was there. The work goes on; asked again, the same request joins it."""

    code = "RESULT_NOT_READY"


class JobCancelled(AiCoreError):
    code = "JOB_CANCELLED"


class JobPoisoned(AiCoreError):
    code = "JOB_POISONED"


class StoreUnavailable(AiCoreError):
    code = "STORE_UNAVAILABLE"


class Internal(AiCoreError):
    code = "INTERNAL"


class GatewayUnreachable(AiCoreError):
    """The gateway did not answer at all, or something in front of it did."""

    code = "GATEWAY_UNREACHABLE"


ERRORS_BY_CODE: "dict[str, type[AiCoreError]]" = {
    error.code: error
    for error in (
        RequestInvalid, Unauthenticated, Forbidden, NotFound, IdempotencyConflict, TooLarge, VoiceUnknown, ModelUnknown,
        NoModelAvailable, ContextTooLong, BudgetExceeded, QueueFull, ProviderRateLimited, ProviderQuotaExhausted,
        ProviderOverloaded, ProviderTimeout, ProviderUnreachable, ProviderAuth, ProviderRefused, ProviderBadAnswer,
        ResultNotReady, JobCancelled, JobPoisoned, StoreUnavailable, Internal,
    )
}

__all__ = ["AiCoreError", "ProviderError", "GatewayUnreachable", *sorted(error.__name__ for error in ERRORS_BY_CODE.values())]


def error_from_problem(status: int, problem: Mapping[str, Any], retry_after_s: Optional[float]) -> AiCoreError:
    """The exception of a problem document of the gateway; a code this version does not know becomes ``AiCoreError`` itself."""
    code = str(problem.get("code") or "INTERNAL")
    return ERRORS_BY_CODE.get(code, AiCoreError)(
        str(problem.get("detail") or problem.get("title") or code),
        code=code,
        status=status,
        retry=str(problem.get("retry") or "never"),
        retry_after_s=retry_after_s,
        request_id=problem.get("request_id"),
        job_id=problem.get("job_id"),
    )
