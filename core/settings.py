"""Settings: defaults ← TOML file ← environment ← command line, each layer naming its source in errors.

The file is the one that ``PADDOCK_CONFIG`` names, else ``paddock.toml`` in the current folder when there is one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

from core.errors import Language, SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may set. Each field can be written in the file, or as PADDOCK_<FIELD> in the environment.

    workspace: folder that holds the photos, results and ledger of one edition.
    models: folder with pre-downloaded published models (a USB key), None when there is none.
    port: first port tried by the page. language: of the page and of the command line.
    max_megapixels: photos larger than this are refused. who: name written in the ledger.
    password: asked from visitors, "" for a generated one when the page is shared; never shown in a log.
    """

    workspace: Path = Path("workspaces/atelier")
    models: Path | None = None
    port: int = 7860
    language: Language = "fr"
    max_megapixels: float = 100.0
    who: str = ""
    password: str = field(default="", repr=False)


DEFAULT_FILE = "paddock.toml"
_ALIASES = {"lang": "language", "models_dir": "models"}


def load_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Merge the layers. ``overrides`` (the command line) wins; None in it means "not given".

    Raises SettingsError for an unknown name in the file or a value of the wrong type.
    """
    environment = os.environ if environment is None else environment
    settings = Settings()
    named = file or environment.get("PADDOCK_CONFIG")
    path = Path(named or DEFAULT_FILE)
    if named or path.is_file():
        settings = replace(settings, **_from_file(path))
    known = {item.name for item in fields(Settings)}
    names = known | set(_ALIASES)
    from_environment = {
        _ALIASES.get(name, name): environment[f"PADDOCK_{name.upper()}"]
        for name in sorted(names)
        if environment.get(f"PADDOCK_{name.upper()}")
    }
    settings = replace(settings, **{name: _value(name, value) for name, value in from_environment.items()})
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    return replace(settings, **{name: _value(name, value) for name, value in given.items()})


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise SettingsError(name="PADDOCK_CONFIG", value=path, expected=str(error.strerror)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(name=path.name, value=str(error), expected="TOML") from error
    known = {item.name for item in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = _ALIASES.get(key, key)
        if name not in known:
            raise SettingsError(name=key, value=value, expected=", ".join(sorted(known)))
        values[name] = _value(name, value)
    return values


def _value(name: str, value: Any) -> Any:
    """One setting converted to its type, or SettingsError."""
    try:
        if name == "workspace":
            return Path(value).expanduser()
        if name == "models":
            return Path(value).expanduser() if value else None
        if name == "port":
            port = int(value)
            if not 0 <= port <= 65535:
                raise ValueError(port)
            return port
        if name == "max_megapixels":
            limit = float(value)
            if not 0 < limit < float("inf"):  # refuses "nan" too
                raise ValueError(limit)
            return limit
        if name == "language":
            return cast(Language, _one_of(value, ("fr", "en")))
        return str(value)
    except (TypeError, ValueError, OverflowError) as error:
        expected = {"port": "0–65535", "max_megapixels": "> 0", "language": "fr | en"}
        raise SettingsError(name=name, value=value, expected=expected.get(name, "?")) from error


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return str(value)
