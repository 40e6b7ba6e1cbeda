"""
The entry points for everything that uses AI: ``generate_text``, ``generate_audio``, ``export_training_data``.

Answers come from memory when the same was asked before, from work in flight when it is being asked, and else from the cheapest good
model. What fails raises a subclass of ``ai_core.AiCoreError``.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .client import Client
from .known_user import names_of, user_id_of

_client = Client()


def generate_text(
    request_type: str,
    prompt: str,
    options: "Optional[Mapping[str, Any]]" = None,
    selection_mode: Optional[str] = None,
    provider: Optional[str] = None,
    model: Optional[str] = None,
    user: Any = None,
    endpoint: Optional[str] = None,
    *,
    user_category: Optional[str] = None,
    scope: Optional[str] = None,
    cache: Optional[str] = None,
    max_age_s: Optional[float] = None,
    lane: Optional[str] = None,
    priority: Optional[int] = None,
    fallback: Optional[bool] = None,
    max_cost_usd: Optional[str] = None,
    known_names: "Sequence[str]" = (),
    timeout_s: Optional[float] = None,
) -> "Tuple[str, str]":
    """
    Answers a prompt.

    request_type: what the text is for, for example ``podcast_script``; decides the class of models.
    options: passed to the model, for example ``{'language': 'ja'}``.
    selection_mode: ``auto`` (default), or ``manual`` with provider and model.
    user: a Django user or an id; its name and e-mail address are kept out of everything that leaves AI Core.
    endpoint: which function of the backend asks, for the accounts.
    scope: who may be given the remembered answer, ``shared`` (default) or for example ``user:42``.
    cache: ``use`` (default), ``refresh`` or ``bypass``; max_age_s: oldest acceptable answer, in seconds.
    lane: ``interactive`` (default) or ``batch``; priority: 0 (first) to 9.
    known_names: further names to keep out of everything that leaves AI Core.
    timeout_s: how long the call may take, in seconds.
    Returns ``(generated_text, provider_name)``.
    """
    answer = _client.text(
        {
            "request_type": request_type,
            "prompt": prompt,
            "options": None if options is None else dict(options),
            **_common(selection_mode, provider, model, user, endpoint, known_names),
            "user_category": user_category,
            "scope": scope,
            "cache": cache,
            "max_age_s": max_age_s,
            "lane": lane,
            "priority": priority,
            "fallback": fallback,
            "max_cost_usd": max_cost_usd,
        },
        timeout_s,
    )
    return answer["text"], answer["provider"]


def generate_audio(
    text: str,
    language: str,
    voice_id: Optional[str] = None,
    selection_mode: Optional[str] = None,
    provider: Optional[str] = None,
    model: Optional[str] = None,
    user: Any = None,
    endpoint: Optional[str] = None,
    *,
    options: "Optional[Mapping[str, Any]]" = None,
    user_category: Optional[str] = None,
    scope: Optional[str] = None,
    cache: Optional[str] = None,
    known_names: "Sequence[str]" = (),
    timeout_s: Optional[float] = None,
) -> "Tuple[bytes, str]":
    """
    Speaks a text.

    language: a language tag such as ``ja`` or ``en-GB``. voice_id: a voice of the provider, by name or id.
    The other parameters are those of ``generate_text``.
    Returns ``(audio_bytes, provider_name)``; the bytes are an MP3.
    """
    answer = _client.audio(
        {
            "text": text,
            "language": language,
            "voice_id": voice_id,
            "options": None if options is None else dict(options),
            **_common(selection_mode, provider, model, user, endpoint, known_names),
            "user_category": user_category,
            "scope": scope,
            "cache": cache,
        },
        timeout_s,
    )
    return answer.data, answer.provider


def export_training_data(
    min_rating: float = 4.0,
    verified_only: bool = True,
    *,
    format: Optional[str] = None,
    timeout_s: Optional[float] = None,
) -> "List[Dict[str, Any]]":
    """
    Exports curated examples; the key needs the role ``admin``.

    min_rating: the least average rating, 0 to 5. verified_only: only examples a person has verified.
    format: another form than the default, for example ``openai-chat``.
    Returns ``[{"prompt": ..., "completion": ..., "tags": [...]}, ...]``.
    """
    return _client.training_data({"min_rating": min_rating, "verified_only": verified_only, "format": format}, timeout_s)


def _common(
    selection_mode: Optional[str],
    provider: Optional[str],
    model: Optional[str],
    user: Any,
    endpoint: Optional[str],
    known_names: "Sequence[str]",
) -> "Dict[str, Any]":
    names = list(dict.fromkeys([*names_of(user), *known_names]))
    return {
        "selection_mode": selection_mode,
        "provider": provider,
        "model": model,
        "user_id": user_id_of(user),
        "endpoint": endpoint or None,
        "known_names": names or None,
    }
