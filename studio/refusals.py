"""A disk that refuses while a use case writes outside the store: told as the workspace's error, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import FolderError, WorkspaceError, disk_reason


@contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """OSError, and the FolderError of a part of the work that met one, become a WorkspaceError of ``folder``."""
    try:
        yield
    except (OSError, FolderError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        fr, en = disk_reason(cause)
        raise WorkspaceError(
            folder=folder,
            problem_fr=f"écriture impossible ({fr}). Libérez de la place ou rebranchez le disque, "
            "puis relancez : rien de ce qui était enregistré n'est perdu.",
            problem_en=f"can't be written ({en}). Free some space or plug the disk in again, "
            "then start again: nothing that was recorded is lost.",
        ) from error
