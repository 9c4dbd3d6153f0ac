"""Keys, the password and the logins of one start of the page. Nothing is written: a restart ends every login.

Whoever opens the page at this machine comes in with the owner's key, which stands in the address that Paddock
opens; guests come in with the password, or with the guests' key that the QR code holds. A login is a random
token in a cookie, of which only the hash is kept here; the address a request comes from proves nothing,
since the public link's visitors all arrive from 127.0.0.1.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.errors import SettingsError

ALPHABET = "abcdefghjkmnpqrstuvwxyz"
"""Letters only, one keyboard of a tablet; without i, l and o, which are taken for digits."""
GROUPS, GROUP = 3, 5
"""15 letters of 23: 15 × log2(23) = 67.8 bits."""
SHORTEST = 10
LASTS = 12 * 3600.0
MOST = 500
"""Logins at a time; the oldest guest's ends when one more comes."""


@dataclass(frozen=True, slots=True)
class Login:
    """One visitor's login. id: short name of it that is no secret. ends: on the monotonic clock, in seconds."""

    id: str
    owner: bool
    ends: float


class Logins:
    """Who has come in since this start. Used from one thread (the page's event loop)."""

    def __init__(self, password: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        """An empty password asks for a generated one. Raises SettingsError for one under ten characters."""
        if password and len(password) < SHORTEST:
            raise SettingsError(
                name="password", value="•" * len(password),
                expected_fr=f"{SHORTEST} caractères au moins", expected_en=f"at least {SHORTEST} characters",
            )  # fmt: skip
        self.generated = not password
        self.password = password or new_password()
        self.owner_key = secrets.token_urlsafe(24)
        self.guest_key = secrets.token_urlsafe(18)
        self._clock = clock
        self._logins: dict[str, Login] = {}

    def is_password(self, typed: str) -> bool:
        """True for the password; capitals, spaces and hyphens don't count in a generated one."""
        if self.generated:
            return _same(_plain(typed), _plain(self.password))
        return _same(typed, self.password)

    def role_of(self, key: str) -> bool | None:
        """True for the owner's key, False for the guests', None for any other."""
        owner, guest = _same(key, self.owner_key), _same(key, self.guest_key)
        return True if owner else False if guest else None

    def begin(self, *, owner: bool) -> str:
        """Start a login; returns the new token for the visitor's cookie."""
        now = self._clock()
        self._logins = {key: login for key, login in self._logins.items() if login.ends > now}
        guests = [key for key, login in self._logins.items() if not login.owner]
        for key in guests[: max(0, len(self._logins) - MOST + 1)]:
            del self._logins[key]
        token = secrets.token_urlsafe(32)
        self._logins[_hash(token)] = Login(secrets.token_hex(6), owner, now + LASTS)
        return token

    def find(self, token: str) -> Login | None:
        """The login that a cookie's token stands for, None when it has ended or never was."""
        login, now = self._logins.get(_hash(token)), self._clock()
        if login is None or login.ends <= now:
            return None
        if login.owner and login.ends < now + LASTS / 2:  # a race lasts longer than a login: who sits here stays in
            login = self._logins[_hash(token)] = replace(login, ends=now + LASTS)
        return login

    def end(self, token: str) -> None:
        """« Se déconnecter »."""
        self._logins.pop(_hash(token), None)


def new_password() -> str:
    """Three groups of five letters, easy to type on a tablet."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def _plain(typed: str) -> str:
    return "".join(typed.lower().replace("-", "").split())


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(_hash(one), _hash(other))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
