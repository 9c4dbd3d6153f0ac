"""The words of studio's facts about this computer, for the command line and the page alike."""

from __future__ import annotations

from typing import Any

from app.page.browser import browsers
from app.texts import table, text
from core.errors import Language
from core.settings import Settings
from studio.estimates import Estimate, reference, speed
from studio.machine import Fact, facts
from studio.machine.deep import Check

SIGNS = {"good": "✓", "note": "!", "missing": "✕"}
"""Beside the word of a state, so that it is not told by colour alone."""


def look(settings: Settings) -> tuple[Fact, ...]:
    """Studio's facts, with the browser that the page's window would use."""
    return facts(settings, next((program for program, _ in browsers()), None))


def title(fact: Fact, language: Language) -> str:
    """What a fact is about: « Disque des photos », a library's or a model's name."""
    if fact.about == "library":
        return str(fact.values["name"])
    if fact.about == "model":
        return str(fact.values[f"title_{language}"])
    return text(language, f"machine.title.{fact.id}")


def say(fact: Fact, language: Language) -> str:
    """What a fact means and what to do, in one or two sentences."""
    return text(language, f"machine.say.{fact.about}.{fact.variant}", **_filled(fact, language))


def row(fact: Fact, language: Language) -> dict[str, Any]:
    """A fact with its words, for JSON and the page."""
    told = text(language, f"machine.state.{fact.state}")
    return {
        **fact.as_json(), "title": title(fact, language), "text": say(fact, language), "state_word": told,
        "sign": SIGNS[fact.state],
    }  # fmt: skip


def estimate_row(estimate: Estimate, language: Language) -> dict[str, Any]:
    """An estimate with its words."""
    if estimate.seconds is None:
        told = text(language, "machine.unmeasured")
    else:
        told = text(language, "machine.about", time=duration(estimate.seconds, language))
    first = text(language, "machine.loading", time=duration(estimate.loading, language))
    basis = "disk" if estimate.kind == "export_gb" and estimate.seconds is not None else estimate.basis
    return {
        **estimate.as_json(), "title": text(language, f"machine.kind.{estimate.kind}"), "time": told,
        "first": first if estimate.loading >= 1 else "", "from": text(language, f"machine.basis.{basis}"),
        "lacks": text(language, "machine.needs", model=estimate.needs) if estimate.needs else "",
    }  # fmt: skip


def source(language: Language) -> str:
    """Where the estimates come from: the reference computer, and how this one compares."""
    known, own = reference(), speed()
    facts = {
        "cpu": known.machine["cpu"], "cores": known.machine["cores"], "date": _day(known.date),
        "command": known.command,
    }  # fmt: skip
    if own is None:
        return text(language, "machine.estimates_unscaled", **facts)
    return text(language, "machine.estimates_from", **facts, speed=number(own / known.units_per_second, language))


def check_row(check: Check, language: Language) -> dict[str, Any]:
    """A step of the deep check with its words."""
    if check.works:
        told = text(language, "machine.deep_works", time=duration(check.loading + check.seconds, language))
    else:
        told = text(language, "machine.deep_fails", why=check.why)
    state = "good" if check.works else "missing"
    return {
        **check.as_json(), "title": text(language, f"machine.step.{check.step}"), "text": told, "state": state,
        "state_word": text(language, f"machine.state.{state}"), "sign": SIGNS[state],
    }  # fmt: skip


def size(count: int, language: Language) -> str:
    """Bytes in Go, Mo or ko (GB, MB or kB), with one decimal below 10."""
    unit, divisor = ("G", 1e9) if count >= 1e9 else ("M", 1e6) if count >= 1e6 else ("k", 1e3)
    shown = count / divisor
    digits = number(shown, language) if shown < 10 else whole(round(shown), language)
    return f"{digits} {unit}{'o' if language == 'fr' else 'B'}"


def number(value: float, language: Language) -> str:
    """One decimal, with the language's comma."""
    shown = f"{value:.1f}"
    return shown.replace(".", ",") if language == "fr" else shown


def whole(value: int, language: Language) -> str:
    """A count with the language's thousands mark (a narrow no-break space in French)."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"


def duration(seconds: float, language: Language) -> str:
    """« 0,3 s », « 12 s », « 2 min », « 1,5 h »: as precise as an estimate may be."""
    if seconds < 10:
        return f"{number(max(0.1, seconds), language)} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{number(seconds / 3600, language)} h"


def _filled(fact: Fact, language: Language) -> dict[str, Any]:
    """A fact's values as its sentence takes them: sizes in words, counts with their thousands."""
    values: dict[str, Any] = {}
    for name, value in fact.values.items():
        if name.endswith("_bytes"):
            values[name.removesuffix("_bytes")] = size(value, language)
        elif isinstance(value, int) and not isinstance(value, bool):
            values[name] = whole(value, language)
        else:
            values[name] = value
    if fact.id == "pango" and "system" in values:
        values["remedy"] = text(language, f"machine.remedy.{values['system']}")
    if fact.about == "model":
        values["backend"] = table(language)[f"backend.{values['backend']}"].capitalize()
    return values


def _day(iso: str) -> str:
    """A day as people write it: 24/11/2026."""
    year, month, day = iso[:10].split("-")
    return f"{day}/{month}/{year}"
