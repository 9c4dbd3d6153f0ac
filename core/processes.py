"""Which processes are still running: what a dead one left in a folder may be swept."""

from __future__ import annotations

import os
import sys


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


def owner_token() -> str:
    """This process by number and start, so that a later process of the same number is not taken for it."""
    return f"{os.getpid()}:{_started(os.getpid()):.2f}"


def is_owner_running(token: str) -> bool:
    """True while the process that a token names still runs."""
    import psutil

    number, _, started = token.partition(":")
    if not number.isdigit():
        return False
    try:
        return abs(_started(int(number)) - float(started or 0)) < 1.0
    except (psutil.Error, ValueError):
        return False


def _started(pid: int) -> float:
    """When a process started, in seconds that stay the same when the machine's clock is set. Raises psutil.Error."""
    import psutil

    started = float(psutil.Process(pid).create_time())
    # Linux counts from the machine's start; psutil adds the hour of that start, which moves with the clock.
    return started - float(psutil.boot_time()) if sys.platform == "linux" else started
