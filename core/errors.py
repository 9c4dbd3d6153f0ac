"""One tree of errors. Each says what happened, to which file, and what to do now, in French and English.

PaddockError
├── PhotoError                  one photo can't be used; a batch lists it and goes on
│   ├── UnreadablePhoto         truncated, corrupt, or not an image at all
│   ├── NotAFile                a link, a pipe or a device that is named like a photo
│   ├── WrongExtension          the name says one format, the content is another
│   ├── DamagedArchive          a zip that can't be unpacked
│   ├── EmptyArchive            a zip without a photo
│   ├── ArchiveTooLarge         a zip over the limits
│   ├── FormatNotAllowed        an image, but not of a format that Paddock opens
│   ├── PhotoTooLarge           more pixels than the limit (decompression bombs too)
│   ├── PhotoStoppedEngine      each time an engine looks at it, the engine ends
│   └── PhotoTooHeavy           opening it takes more time or memory than one photo may, or ends the worker
├── FolderError                 a folder is missing, empty or not laid out as asked
├── WeightsMissing              the asked model's weights are not on this machine
├── WeightsChanged              weights are there, but are not those that were recorded
├── NotUnderstood               words that no backend here can answer
├── MaskError                   an empty mask, or one of another size than the photo
├── ChoiceError                 a choice that can't be carried out (too many styles, no photo …)
├── EngineFailed                a computation stopped: something unforeseen, or one of the three below
│   ├── EngineDied              its worker process ended: a crash, a kill, no memory left
│   ├── TaskTooLong             it passed its time limit and was ended
│   └── TaskTooLarge            it passed its memory limit, or the machine's memory was nearly used up
├── NetworkError                no network, or a service on it that does not answer
├── Cancelled                   the person asked to stop
├── WorkspaceError              the workspace can't be opened or written
├── AuditError                  the ledger or a stored file is not what was recorded
└── SettingsError               a setting has a value that can't be used
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from core.disk import disk_reason as disk_reason

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


class NotAFile(PhotoError):
    """A link, a pipe or a device that is named like a photo (``file``)."""

    fr = "« {file} » n'est pas une photo mais un lien ou un fichier spécial. Copiez la photo elle-même à sa place."
    en = "“{file}” is not a photo but a link or a special file. Copy the photo itself to its place."


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


class EmptyArchive(PhotoError):
    """A zip archive without a photo (``file``)."""

    fr = "« {file} » : aucune photo dans cette archive (JPEG, PNG, WebP, TIFF ou HEIC). Choisissez-en une autre."
    en = "“{file}”: no photo in this archive (JPEG, PNG, WebP, TIFF or HEIC). Choose another."


class ArchiveTooLarge(PhotoError):
    """A zip archive over the limits (``file``)."""

    fr = "« {file} » : l'archive dépasse 20 Go, 50 000 photos ou ce que des photos peuvent peser. Partagez-la."
    en = "“{file}”: the archive exceeds 20 GB, 50,000 photos or what photos can weigh. Split it."


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


class PhotoTooHeavy(PhotoError):
    """Opening it takes more than one photo may (``file``, ``why_fr``, ``why_en``: a clause without a full stop)."""

    fr = "« {file} » n'a pas pu être ouverte : {why_fr}. Exportez-la de nouveau en JPEG, puis importez ce fichier."
    en = "“{file}” could not be opened: {why_en}. Export it again as JPEG, then import that file."


class PhotoStoppedEngine(PhotoError):
    """An engine ended each time it looked at this photo (``file``, ``why_fr``, ``why_en``: clauses)."""

    fr = (
        "Le calcul s'est arrêté sur « {file} » : {why_fr}. La suite continue sans elle. "
        "Réessayez-la plus tard, ou exportez-la de nouveau en JPEG."
    )
    en = (
        "The computation stopped on “{file}”: {why_en}. The rest goes on without it. "
        "Try it again later, or export it again as JPEG."
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
    """A computation stopped (``task``; ``why_fr``, ``why_en``: a clause; ``why``: a detail in no language)."""

    fr = "Le calcul « {task} » s'est arrêté : {why_fr}{detail}. Rien n'est perdu : relancez l'action."
    en = "The computation “{task}” stopped: {why_en}{detail}. Nothing is lost: start the action again."
    reason_fr: ClassVar[str] = "une erreur imprévue"
    reason_en: ClassVar[str] = "an unforeseen error"

    def __init__(self, **details: Any) -> None:
        why = details.get("why", "")
        told = {"why_fr": self.reason_fr, "why_en": self.reason_en, "detail": f" ({why})" if why else ""}
        super().__init__(**(told | details))


class EngineDied(EngineFailed):
    """The worker process ended before it answered (``task``; ``why``: its exit code)."""

    reason_fr = "le programme qui calculait s'est fermé"
    reason_en = "the program that was computing ended"


class TaskTooLong(EngineFailed):
    """The time limit was passed and the worker ended (``task``, ``why_fr``, ``why_en``)."""

    reason_fr = "il durait trop longtemps"
    reason_en = "it took too long"


class TaskTooLarge(EngineFailed):
    """A memory limit was passed and the worker ended (``task``, ``why_fr``, ``why_en``)."""

    reason_fr = "il demandait trop de mémoire"
    reason_en = "it needed too much memory"


class NetworkError(PaddockError):
    """The network, or a service on it, can't be had (``problem_fr``, ``problem_en``)."""

    fr = "Réseau : {problem_fr}"
    en = "Network: {problem_en}"


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

    fr = "Réglage « {name} » : « {value} » n'est pas utilisable ; attendu : {expected_fr}."
    en = "Setting “{name}”: “{value}” can't be used; expected: {expected_en}."

    def __init__(self, **details: Any) -> None:
        """expected: in no language, such as "0–65535"; or expected_fr and expected_en."""
        expected = details.get("expected", "")
        super().__init__(**({"expected_fr": expected, "expected_en": expected} | details))
