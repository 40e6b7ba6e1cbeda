"""What AI Core is told of a user: an id for the accounts, and the names that must not leave."""

from __future__ import annotations

from typing import Any, List, Optional

_LONGEST_NAME = 200


def user_id_of(user: Any) -> Optional[str]:
    """The id of a Django user, or an id given as it is; ``None`` for nobody and for an anonymous user."""
    if user is None or getattr(user, "is_authenticated", True) is False:
        return None
    if isinstance(user, (str, int)):
        return str(user) or None
    key = getattr(user, "pk", None)
    if key is None:
        key = getattr(user, "id", None)
    return None if key is None else str(key)


def names_of(user: Any) -> "List[str]":
    """Full name in both orders, first and last name, and e-mail address of a user, as far as there are any."""
    if user is None or isinstance(user, (str, int)):
        return []
    first = _text(getattr(user, "first_name", None))
    last = _text(getattr(user, "last_name", None))
    get_full_name = getattr(user, "get_full_name", None)
    full = _text(get_full_name() if callable(get_full_name) else None)
    both = [f"{first} {last}", f"{last} {first}"] if first and last else []
    names = [full, *both, first, last, _text(getattr(user, "email", None))]
    # One character is a word of the language more often than a name.
    return list(dict.fromkeys(name[:_LONGEST_NAME] for name in names if len(name) > 1))


def _text(value: Any) -> str:
    return value.replace("\0", "").strip() if isinstance(value, str) else ""
