"""The command ``paddock``: one group per room, frameworks imported only by the command that needs them."""

from __future__ import annotations

import typer

from app.cli import audit, classifier, demo, desk, doctor, screening, weights, workspace
from app.cli.common import HelpfulGroup

app = typer.Typer(
    name="paddock", no_args_is_help=True, cls=HelpfulGroup, pretty_exceptions_enable=False,
    help="Le bureau photo d'une course · The photo desk of a motor race.",
)  # fmt: skip
app.command("open")(desk.open_page)
app.command("import")(desk.import_command)
app.command("demo")(demo.demo_command)
app.command("doctor")(doctor.doctor)
classifier.app.command("screen")(screening.screen_command)
classifier.app.command("probe")(screening.probe_command)
app.add_typer(classifier.app, name="classifier")
app.add_typer(weights.app, name="weights")
app.add_typer(audit.app, name="audit")
app.add_typer(workspace.app, name="workspace")


def main() -> None:
    """Entry point of the console script and of ``python -m app``."""
    app()
