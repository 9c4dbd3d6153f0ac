"""Reads the settings of fine-tuning: config.toml's defaults, a person's file over them, the command line over both."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from classifier.config import Augmentation, Config, EarlyStopping, HeadShape, Logging, Phase, Split
from core.errors import SettingsError

DEFAULTS = Path(__file__).with_name("config.toml")
"""Every field with its default and what it means, in both languages."""
_RANGES: dict[str, tuple[float, float] | tuple[str, ...]] = {
    "image_size": (0, 2048), "batch_size": (1, 4096), "label_smoothing": (0, 0.5), "weight_decay": (0, 1),
    "seed": (0, 2**31 - 1), "class_weights": ("balanced", "none"), "head.dropout": (0, 0.95), "head.hidden": (0, 8192),
    "phases.epochs": (0, 10_000), "phases.learning_rate": (1e-9, 10), "phases.unfrozen": (0, 99),
    "augmentation.flip": (0, 1), "augmentation.crop": (0, 0.9), "augmentation.rotation": (0, 180),
    "augmentation.colour": (0, 1), "augmentation.brightness": (0, 1), "augmentation.contrast": (0, 1),
    "augmentation.sharpness": (0, 2), "augmentation.blur": (0, 20), "augmentation.autocontrast": (0, 1),
    "early_stopping.patience": (0, 10_000), "early_stopping.monitor": ("macro_f1", "loss"),
    "split.training": (0.05, 0.95), "split.held_out": (0, 10_000),
}  # fmt: skip
"""Least and largest number, or the words that are allowed."""


def read_config(file: Path | None = None, overrides: Sequence[str] = (), *, epochs: int | None = None) -> Config:
    """The defaults, then a TOML file, then overrides such as "head.dropout=0.4" or "phases.1.epochs=2".

    epochs: of all phases together; the phases are stretched or cut in proportion. A file or an override
    may name some fields only; a file's list of phases replaces the default one. Raises SettingsError,
    which names the field, for one that is unknown or has a value that can't be used.
    """
    values = deepcopy(_defaults())
    if file is not None:
        _merge(values, _read(file), "")
    for text in overrides:
        _override(values, text)
    config = _checked(values)
    return config if epochs is None else _stretched(values, config, epochs)


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise SettingsError(
            name="config", value=file, expected_fr="un fichier TOML qui existe", expected_en="a TOML file that exists"
        )
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        told = f"TOML ({error})"
        raise SettingsError(name="config", value=file.name, expected_fr=told, expected_en=told) from error


@cache
def _defaults() -> dict[str, Any]:
    return tomllib.loads(DEFAULTS.read_text("utf-8"))


def _merge(values: dict[str, Any], given: Mapping[str, Any], prefix: str) -> None:
    for key, value in given.items():
        name = f"{prefix}{key}"
        if key not in values:
            raise _unknown(name, list(values))
        if isinstance(values[key], dict):
            if not isinstance(value, Mapping):
                raise _wrong(name, value, values[key])
            _merge(values[key], value, f"{name}.")
        elif key == "phases" and isinstance(value, list):
            values[key] = _whole_phases(value)
        else:
            values[key] = value


def _override(values: dict[str, Any], text: str) -> None:
    """Put "a.b=value" in its place; the value is TOML, or a word when it is not."""
    name, sign, raw = text.partition("=")
    if not sign:
        raise SettingsError(name="set", value=text, expected_fr="NOM=VALEUR", expected_en="NAME=VALUE")
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw
    *path, last = name.strip().split(".")
    place: Any = values
    for part in path:
        place = _child(place, part, name)
    before = _child(place, last, name)
    if isinstance(before, dict):
        raise _wrong(name, value, before)
    place[last] = _whole_phases(value) if name == "phases" and isinstance(value, list) else value


def _whole_phases(given: list[Any]) -> list[Any]:
    """Phases that name some fields only, with the first default phase's values for the others."""
    return [{**_defaults()["phases"][0], **item} if isinstance(item, dict) else item for item in given]


def _child(place: Any, part: str, name: str) -> Any:
    if isinstance(place, list) and part.isdigit() and int(part) < len(place):
        return place[int(part)]
    if isinstance(place, dict) and part in place:
        return place[part]
    inside = place if isinstance(place, dict) else range(len(place)) if isinstance(place, list) else ()
    raise _unknown(name, [str(key) for key in inside])


def _checked(values: Mapping[str, Any]) -> Config:
    defaults = _defaults()
    phases = values["phases"]
    if not isinstance(phases, list) or not phases:
        raise _wrong("phases", phases, defaults["phases"])
    kinds: dict[str, Any] = {
        "head": HeadShape, "augmentation": Augmentation, "early_stopping": EarlyStopping, "split": Split,
        "logging": Logging,
    }  # fmt: skip
    fields: dict[str, Any] = {}
    for name, default in defaults.items():
        if name in kinds:
            parts = {key: _value(f"{name}.{key}", values[name][key], default[key]) for key in default}
            fields[name] = kinds[name](**parts)
        elif name != "phases":
            fields[name] = _value(name, values[name], default)
    if fields["image_size"] % 32:
        raise SettingsError(
            name="image_size", value=fields["image_size"],
            expected_fr="un multiple de 32, ou 0", expected_en="a multiple of 32, or 0",
        )  # fmt: skip
    return Config(**fields, phases=tuple(_phase(item, index, defaults["phases"][0]) for index, item in
                                         enumerate(phases)))  # fmt: skip


def _phase(item: Any, index: int, default: Mapping[str, Any]) -> Phase:
    if not isinstance(item, dict):
        raise _wrong(f"phases.{index}", item, default)
    strange = [key for key in item if key not in default]
    if strange:
        raise _unknown(f"phases.{index}.{strange[0]}", list(default))
    return Phase(**{key: _value(f"phases.{index}.{key}", item[key], default[key]) for key in default})


def _value(name: str, value: Any, default: Any) -> Any:
    """The value as the default's type, within its range."""
    allowed = _RANGES.get(".".join(part for part in name.split(".") if not part.isdigit()))
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        raise _wrong(name, value, default)
    if allowed and isinstance(value, str) and value not in allowed:
        words = " | ".join(str(word) for word in allowed)
        raise SettingsError(name=name, value=value, expected_fr=words, expected_en=words)
    if allowed and not isinstance(value, str) and not float(allowed[0]) <= value <= float(allowed[1]):
        span = f"{allowed[0]:g} … {allowed[1]:g}"
        raise SettingsError(name=name, value=value, expected_fr=span, expected_en=span)
    return value


def _stretched(values: Mapping[str, Any], config: Config, epochs: int) -> Config:
    """The same phases with this many epochs together, dealt out in proportion, the first phase first."""
    if epochs < 1:
        raise SettingsError(name="epochs", value=epochs, expected_fr="1 ou plus", expected_en="1 or more")
    wanted = [phase.epochs / max(1, config.epochs) * epochs for phase in config.phases]
    ends = [round(sum(wanted[: index + 1])) for index in range(len(wanted))]
    dealt = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    if config.epochs and dealt[0] == 0 and config.phases[0].epochs:
        taken = max(range(len(dealt)), key=lambda index: dealt[index])
        dealt[0], dealt[taken] = 1, dealt[taken] - 1
    phases = [{**asdict(phase), "epochs": count} for phase, count in zip(config.phases, dealt, strict=True)]
    return _checked({**values, "phases": phases})


def _unknown(name: str, known: list[str]) -> SettingsError:
    listed = ", ".join(known)
    return SettingsError(
        name=name, value="", expected_fr=f"un réglage qui existe ({listed})",
        expected_en=f"a setting that exists ({listed})",
    )  # fmt: skip


def _wrong(name: str, value: Any, default: Any) -> SettingsError:
    words = {
        bool: ("true ou false", "true or false"), int: ("un nombre entier", "a whole number"),
        float: ("un nombre", "a number"), str: ("du texte", "text"), dict: ("une section", "a section"),
        list: ("une liste d'étapes [[phases]]", "a list of [[phases]]"),
    }[type(default)]  # fmt: skip
    return SettingsError(name=name, value=value, expected_fr=words[0], expected_en=words[1])
