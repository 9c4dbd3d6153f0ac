"""Hand over: the folder for the legal department, and single pictures for those who asked for them."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime
from pathlib import Path

from audit.export import Exported, export, safe_name
from core.values import Report, no_report
from studio.desk import Desk
from studio.refusals import writing_in
from studio.space import check_space


def export_audit(desk: Desk, out: Path, *, report: Report = no_report) -> Exported:
    """Originals, intermediates, finals, ledger and sums in a new folder; see audit.export."""
    with desk.workspace.database() as connection:
        return export(connection, desk.workspace.store, out, report=report)


def export_audit_zip(desk: Desk, *, report: Report = no_report) -> Path:
    """The same as one zip in the workspace's exports; returns its path. Raises WorkspaceError without room for both."""
    desk.workspace.check_here()
    check_space(desk.workspace.folder, 2 * sum(path.stat().st_size for path in desk.workspace.store.all()))
    name = f"paddock-audit-{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = desk.workspace.tmp / name
    archive = folder.with_name(f"{name}.zip")
    try:
        with writing_in(desk.workspace.folder):
            export_audit(desk, folder, report=report)
            desk.workspace.exports.mkdir(parents=True, exist_ok=True)
            # Moved when it is whole, so that a stop halfway leaves no broken zip to be handed over.
            shutil.make_archive(str(archive.with_suffix("")), "zip", folder)
            return archive.replace(desk.workspace.exports / archive.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        archive.unlink(missing_ok=True)


def export_picture(desk: Desk, sha: str, name: str, folder: Path) -> Path:
    """Copy one stored file under a readable name, adding a number when the name is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / safe_name(name)
    target, number = wanted, 2
    while target.exists():
        target, number = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"), number + 1
    shutil.copyfile(desk.workspace.store.open(sha), target)
    return target
