"""Why a disk refused, in words for errors."""

from __future__ import annotations

import errno


def disk_reason(error: OSError) -> tuple[str, str]:
    """Why the disk refused, in French and in English."""
    known = {
        errno.ENOSPC: ("le disque est plein", "the disk is full"),
        errno.EDQUOT: ("le quota de disque est atteint", "the disk quota is reached"),
        errno.EROFS: ("le disque est en lecture seule", "the disk is read-only"),
        errno.EACCES: ("l'accès est refusé", "access is denied"),
        errno.EPERM: ("l'accès est refusé", "access is denied"),
        errno.ENOENT: ("le dossier n'existe pas ou plus", "the folder does not exist, or no longer"),
        errno.EISDIR: ("c'est un dossier, pas un fichier", "it is a folder, not a file"),
        errno.ENAMETOOLONG: ("le nom est trop long", "the name is too long"),
        errno.EIO: ("le disque ne répond pas bien", "the disk does not answer well"),
    }
    return known.get(error.errno or 0, (f"erreur du système {error.errno}", f"system error {error.errno}"))
