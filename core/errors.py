"""One tree of errors. Each says what happened, to which file, and what to do now, in French and English.

PaddockError
├── PhotoError                  one photo can't be used; a batch lists it and goes on
│   ├── UnreadablePhoto         truncated, corrupt, or not an image at all
│   ├── WrongExtension          the name says one format, the content is another
│   ├── DamagedArchive          a zip that can't be unpacked
│   ├── ArchiveTooLarge         a zip over the limits
│   ├── FormatNotAllowed        an image, but not of a format that Paddock opens
│   └── PhotoTooLarge           more pixels than the limit (decompression bombs too)
├── FolderError                 a folder is missing, empty or not laid out as asked
├── WeightsMissing              the asked model's weights are not on this machine
├── WeightsChanged              weights are there, but are not those that were recorded
├── NotUnderstood               words that no backend here can answer
├── MaskError                   an empty mask, or one of another size than the photo
├── ChoiceError                 a choice that can't be carried out (too many styles, no photo …)
├── EngineFailed                a worker stopped or raised something unforeseen
├── Cancelled                   the person asked to stop
├── WorkspaceError              the workspace can't be opened or written
├── AuditError                  the ledger or a stored file is not what was recorded
└── SettingsError               a setting has a value that can't be used
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

Language = Literal["fr", "en"]


class PaddockError(Exception):
    """Base of all errors raised on purpose.

    Keyword arguments fill the templates ``fr`` and ``en``; they must be picklable, because errors
    travel from worker processes to the page.
    """

    fr: ClassVar[str] = "{what}"
    en: ClassVar[str] = "{what}"

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """What happened, which file, and what to do now, in the language asked for."""
        template = self.fr if language == "fr" else self.en
        return template.format(**self.details)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.details))


def disk_reason(error: OSError) -> tuple[str, str]:
    """Why the disk refused, in French and in English."""
    import errno

    known = {
        errno.ENOSPC: ("le disque est plein", "the disk is full"),
        errno.EDQUOT: ("le quota de disque est atteint", "the disk quota is reached"),
        errno.EROFS: ("le disque est en lecture seule", "the disk is read-only"),
        errno.EACCES: ("l'accès est refusé", "access is denied"),
        errno.EPERM: ("l'accès est refusé", "access is denied"),
        errno.ENOENT: ("le dossier n'existe pas ou plus", "the folder does not exist, or no longer"),
        errno.ENAMETOOLONG: ("le nom est trop long", "the name is too long"),
        errno.EIO: ("le disque ne répond pas bien", "the disk does not answer well"),
    }
    return known.get(error.errno or 0, (f"erreur du système {error.errno}", f"system error {error.errno}"))


def _rebuild(kind: type[PaddockError], details: dict[str, Any]) -> PaddockError:
    return kind(**details)


class PhotoError(PaddockError):
    """One photo can't be used (``file``, ``why``)."""

    fr = "« {file} » ne peut pas être utilisée : {why}"
    en = "“{file}” can't be used: {why}"


class UnreadablePhoto(PhotoError):
    """Truncated, corrupt, or not an image (``file``)."""

    fr = (
        "« {file} » ne s'ouvre pas : le fichier est abîmé ou n'est pas une photo. "
        "Copiez-le de nouveau depuis l'appareil ou demandez-le à son auteur."
    )
    en = (
        "“{file}” does not open: the file is damaged or is not a photo. "
        "Copy it again from the camera or ask its author for it."
    )


class WrongExtension(PhotoError):
    """The content is another format than the name says (``file``, ``actual``)."""

    fr = (
        "« {file} » est en réalité un fichier {actual}. "
        "Renommez-le avec la bonne extension, puis importez-le de nouveau."
    )
    en = "“{file}” is in truth a {actual} file. Rename it with the right extension, then import it again."


class DamagedArchive(PhotoError):
    """A zip archive, or one photo in it, that can't be unpacked (``file``)."""

    fr = "« {file} » : l'archive zip est abîmée ou protégée. Refaites-la, ou déposez les photos elles-mêmes."
    en = "“{file}”: the zip archive is damaged or locked. Make it again, or drop the photos themselves."


class ArchiveTooLarge(PhotoError):
    """A zip archive over the limits (``file``)."""

    fr = "« {file} » : l'archive dépasse 20 Go ou 50 000 photos. Partagez-la en plusieurs."
    en = "“{file}”: the archive exceeds 20 GB or 50,000 photos. Split it."


class FormatNotAllowed(PhotoError):
    """Not one of the formats that Paddock opens (``file``)."""

    fr = "« {file} » n'est pas d'un format accepté. Exportez-la en JPEG, PNG, WebP, TIFF ou HEIC."
    en = "“{file}” is not of an accepted format. Export it as JPEG, PNG, WebP, TIFF or HEIC."


class PhotoTooLarge(PhotoError):
    """More pixels than the limit (``file``, ``megapixels``, ``limit``)."""

    fr = (
        "« {file} » annonce {megapixels} mégapixels ; la limite est {limit}. "
        "Exportez-la plus petite, ou relevez « max_megapixels » dans les réglages."
    )
    en = (
        "“{file}” declares {megapixels} megapixels; the limit is {limit}. "
        "Export it smaller, or raise “max_megapixels” in the settings."
    )


class FolderError(PaddockError):
    """A folder can't be used (``folder``, ``problem_fr``, ``problem_en``)."""

    fr = "Dossier « {folder} » : {problem_fr}"
    en = "Folder “{folder}”: {problem_en}"


class WeightsMissing(PaddockError):
    """The asked model is not on this machine (``model``, ``remedy_fr``, ``remedy_en``)."""

    fr = "Le modèle « {model} » n'est pas sur cet ordinateur. {remedy_fr}"
    en = "The model “{model}” is not on this computer. {remedy_en}"


class WeightsChanged(PaddockError):
    """A weights file does not match what was recorded (``model``, ``file``)."""

    fr = (
        "Le fichier « {file} » du modèle « {model} » n'est pas celui qui avait été enregistré. "
        "Il n'a pas été chargé : recopiez-le depuis sa source, puis lancez « paddock weights check »."
    )
    en = (
        "The file “{file}” of model “{model}” is not the one that was recorded. "
        "It was not loaded: copy it again from its source, then run “paddock weights check”."
    )


class NotUnderstood(PaddockError):
    """Words that nothing here can answer (``words``, ``known_fr``, ``known_en``)."""

    fr = (
        "« {words} » : ces mots ne sont pas connus sans le modèle complet. Mots connus : {known_fr}. "
        "Vous pouvez aussi tracer un cadre ou peindre la zone au pinceau."
    )
    en = (
        "“{words}”: these words are not known without the full model. Known words: {known_en}. "
        "You can also draw a box or paint the area with the brush."
    )


class MaskError(PaddockError):
    """The mask can't be used (``problem_fr``, ``problem_en``)."""

    fr = "Sélection inutilisable : {problem_fr}"
    en = "The selection can't be used: {problem_en}"


class ChoiceError(PaddockError):
    """A choice that can't be carried out (``problem_fr``, ``problem_en``)."""

    fr = "Choix impossible : {problem_fr}"
    en = "Not possible: {problem_en}"


class EngineFailed(PaddockError):
    """A worker process stopped or failed (``task``, ``why``)."""

    fr = "Le calcul « {task} » s'est arrêté ({why}). Rien n'est perdu : relancez l'action."
    en = "The computation “{task}” stopped ({why}). Nothing is lost: start the action again."


class Cancelled(PaddockError):
    """The person asked to stop (``task``)."""

    fr = "« {task} » a été annulé. Ce qui était déjà enregistré est gardé."
    en = "“{task}” was cancelled. What was recorded is kept."


class WorkspaceError(PaddockError):
    """The workspace can't be used (``folder``, ``problem_fr``, ``problem_en``)."""

    fr = "Espace de travail « {folder} » : {problem_fr}"
    en = "Workspace “{folder}”: {problem_en}"


class AuditError(PaddockError):
    """The ledger or a stored file is not what was recorded (``problem_fr``, ``problem_en``)."""

    fr = "Traçabilité : {problem_fr}"
    en = "Audit: {problem_en}"


class SettingsError(PaddockError):
    """A setting has an unusable value (``name``, ``value``, ``expected``)."""

    fr = "Réglage « {name} » : « {value} » n'est pas utilisable ; attendu : {expected}."
    en = "Setting “{name}”: “{value}” can't be used; expected: {expected}."
