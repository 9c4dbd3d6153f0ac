"""What every command shares: options, settings, errors on stderr with exit code 2."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core.errors import Cancelled, Language, PaddockError
from core.settings import Settings, load_settings

EXIT_REFUSED = 2
EXIT_BROKEN = 1
"""Exit codes: 2 for an error with a remedy, 1 for a verification that does not hold."""

WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", help="Dossier de travail · workspace folder")]
ModelsOption = Annotated[
    Path | None, typer.Option("--models-dir", help="Dossier des modèles (clé USB) · models folder (USB key)")
]
LangOption = Annotated[str | None, typer.Option("--lang", help="fr | en")]


class HelpfulGroup(TyperGroup):
    """Commands in the order in which the work is done."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)


def settings_from(**given: Any) -> Settings:
    """Settings with the command line on top of environment, file and defaults; ends the command on a bad value."""
    with refusing(None):
        return load_settings(overrides=given)
    raise AssertionError  # refusing leaves by an exception


@contextmanager
def refusing(language: Language | None) -> Iterator[None]:
    """Print a Paddock error's message on stderr and leave with EXIT_REFUSED."""
    try:
        yield
    except Cancelled as error:
        typer.echo(error.message(language or "fr"), err=True)
        raise typer.Exit(130) from error
    except PaddockError as error:
        typer.echo(error.message(language or "fr"), err=True)
        raise typer.Exit(EXIT_REFUSED) from error


def person(settings: Settings) -> str:
    """Who acts, as declared: the setting, else the account's name."""
    if settings.who:
        return settings.who
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "?"
