"""Which processes are still running: what a dead one left in a folder may be swept."""

from __future__ import annotations

import os


def is_running(pid: int) -> bool:
    """True while a process of this number runs on this machine."""
    if pid <= 0:
        return False
    if os.name == "posix":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    import psutil

    return bool(psutil.pid_exists(pid))
