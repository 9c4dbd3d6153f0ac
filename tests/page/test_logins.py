"""Passwords, keys and logins that end, and the throttle that makes guessing useless."""

from __future__ import annotations

import math
import re

import pytest

from app.page.logins import ALPHABET, GROUP, GROUPS, LASTS, Logins, new_password
from app.page.throttle import ALL_SECONDS, ALL_TRIES, FORGET, FREE, LONGEST_WAIT, Throttle
from core.errors import SettingsError
from core.settings import load_settings


class Clock:
    """Seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# Passwords, keys, logins


def test_a_generated_password_has_sixty_bits_and_is_letters_that_are_not_taken_for_others() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(rf"[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}", password) for password in made)
    assert not set("ilo") & set(ALPHABET)
    assert GROUPS * GROUP * math.log2(len(set(ALPHABET))) == pytest.approx(67.85, abs=0.01)


def test_a_generated_password_may_be_typed_with_capitals_and_spaces_and_a_given_one_only_as_it_is() -> None:
    generated = Logins()
    assert generated.is_password(generated.password.upper().replace("-", " "))
    assert not generated.is_password(generated.password[:-1])
    assert not generated.is_password("")
    given = Logins("Chicane du soir")
    assert given.is_password("Chicane du soir")
    assert not given.is_password("chicane du soir")
    assert not given.is_password("Chicanedusoir")


def test_a_password_under_ten_characters_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        Logins("chicane24")
    assert "10 caractères au moins" in refused.value.message("fr")
    assert "chicane24" not in refused.value.message("fr") + str(refused.value)
    assert "chicane24" not in repr(load_settings(environment={"PADDOCK_PASSWORD": "chicane24"}))


def test_a_login_ends_after_twelve_hours_and_on_leaving_and_its_token_is_never_kept() -> None:
    clock = Clock()
    logins = Logins(clock=clock)
    first, second = logins.begin(owner=False), logins.begin(owner=True)
    assert first != second
    assert first not in repr(vars(logins))
    found = logins.find(second)
    assert found is not None
    assert found.owner
    logins.end(second)
    assert logins.find(second) is None
    clock.now += LASTS - 1
    assert logins.find(first) is not None
    clock.now += 2
    assert logins.find(first) is None
    assert LASTS == 12 * 3600


def test_who_sits_at_the_machine_stays_in_while_they_use_it_and_a_guest_does_not() -> None:
    clock = Clock()
    logins = Logins(clock=clock)
    owner, guest = logins.begin(owner=True), logins.begin(owner=False)
    for _ in range(5):
        clock.now += 0.6 * LASTS
        assert logins.find(owner) is not None
    assert logins.find(guest) is None
    clock.now += LASTS + 1
    assert logins.find(owner) is None


def test_each_start_has_its_own_keys_and_a_guest_s_key_is_not_the_owner_s() -> None:
    here, before = Logins(), Logins()
    assert here.role_of(here.owner_key) is True
    assert here.role_of(here.guest_key) is False
    assert here.role_of(before.owner_key) is None
    assert here.role_of("") is None
    assert here.find(before.begin(owner=True)) is None


def test_many_guests_end_the_oldest_guest_s_login_and_never_the_owner_s() -> None:
    logins = Logins()
    owner = logins.begin(owner=True)
    first = logins.begin(owner=False)
    for _ in range(600):
        last = logins.begin(owner=False)
    assert logins.find(owner) is not None
    assert logins.find(first) is None
    assert logins.find(last) is not None
    assert len(logins._logins) == 500


# Throttling


def test_wrong_tries_wait_longer_each_time_up_to_a_quarter_of_an_hour_and_are_forgotten_in_an_hour() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.failed("a") for _ in range(FREE)] == [0.2, 0.4, 0.8, 1.6]
    assert throttle.wait("a") == 0
    waits = []
    for _ in range(8):
        throttle.failed("a")
        waits.append(throttle.wait("a"))
        clock.now += waits[-1]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert waits[-1] == LONGEST_WAIT
    assert throttle.wait("b") == 0
    clock.now += FORGET + 1
    throttle.failed("a")
    assert throttle.wait("a") > 0  # the count goes on until it has been asked about after an hour of silence
    clock.now += FORGET + 1
    assert throttle.wait("a") == 0
    assert throttle.failed("a") == 0.2


def test_many_addresses_together_meet_a_ceiling_and_success_forgets_one_address() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(ALL_TRIES):
        assert throttle.wait(f"10.0.0.{number}") == 0
        throttle.failed(f"10.0.0.{number}")
    assert throttle.wait("10.0.1.1") == ALL_SECONDS
    clock.now += ALL_SECONDS + 1
    assert throttle.wait("10.0.1.1") == 0
    for _ in range(FREE + 1):
        throttle.failed("x")
    assert throttle.wait("x") == 30
    throttle.succeeded("x")
    assert throttle.wait("x") == 0


def test_a_crowd_of_addresses_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.page.throttle.ADDRESSES", 50)
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(300):
        clock.now += 1
        throttle.failed(str(number))
    assert len(throttle._by_address) == 50
    assert "299" in throttle._by_address
