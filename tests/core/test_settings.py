"""Defaults ← file ← environment ← command line, and an error that names what can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import Settings, load_settings


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "paddock.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, so that no paddock.toml of this machine is read."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_a_file_in_the_current_folder_is_read_when_none_is_named(tmp_path: Path) -> None:
    Path("paddock.toml").write_text('who = "here"', "utf-8")
    assert load_settings(environment={}).who == "here"
    assert load_settings(file=_file(tmp_path, 'who = "named"'), environment={}).who == "named"


def test_without_any_layer_the_defaults_hold() -> None:
    assert load_settings(environment={}) == Settings()


def test_each_layer_wins_over_the_one_below(tmp_path: Path) -> None:
    file = _file(tmp_path, 'port = 1000\nlanguage = "en"\nwho = "file"\nmax_megapixels = 50\n')
    environment = {"PADDOCK_PORT": "2000", "PADDOCK_WHO": "environment"}
    settings = load_settings(file=file, environment=environment, overrides={"port": 3000, "who": None})
    assert settings == Settings(port=3000, who="environment", language="en", max_megapixels=50.0)


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    file = _file(tmp_path, 'who = "Ana"')
    assert load_settings(environment={"PADDOCK_CONFIG": str(file)}).who == "Ana"


def test_the_short_names_of_the_command_line_are_known_in_file_and_environment(tmp_path: Path) -> None:
    file = _file(tmp_path, 'lang = "en"\nmodels_dir = "/media/usb"')
    assert load_settings(file=file, environment={}).language == "en"
    assert load_settings(file=file, environment={}).models == Path("/media/usb")
    assert load_settings(environment={"PADDOCK_MODELS_DIR": "/k"}).models == Path("/k")
    assert load_settings(environment={"PADDOCK_MODELS": "/m", "PADDOCK_LANG": "en"}).models == Path("/m")


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    assert load_settings(environment={"PADDOCK_WORKSPACE": "~/course"}).workspace == Path("/home/ana/course")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"), ("port", "70000"), ("port", "-1"), ("max_megapixels", "0"), ("max_megapixels", "-3"),
        ("max_megapixels", "nan"), ("max_megapixels", "inf"), ("max_megapixels", "lots"), ("language", "de"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment={f"PADDOCK_{name.upper()}": value})
    assert caught.value.details["name"] == name
    assert caught.value.details["value"] == value
    with pytest.raises(SettingsError):
        load_settings(environment={}, overrides={name: value})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"), ("port = [1]", "port"), ("port = inf", "port"), ("port = ", "paddock.toml"),
        ("[port]\na = 1", "port"), ("max_megapixels = nan", "max_megapixels"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(file=_file(tmp_path, text), environment={})
    assert caught.value.details["name"] == named


def test_a_file_that_is_missing_or_not_text_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        load_settings(file=tmp_path / "absent.toml", environment={})
    with pytest.raises(SettingsError, match="absent"):
        load_settings(environment={"PADDOCK_CONFIG": str(tmp_path / "absent" / "paddock.toml")})
    (tmp_path / "paddock.toml").write_bytes(b'who = "caf\xe9"')
    with pytest.raises(SettingsError):
        load_settings(file=tmp_path / "paddock.toml", environment={})
