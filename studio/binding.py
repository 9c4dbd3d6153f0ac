"""The book: chosen photos become an album in PDF, each plate with its source and what was done to it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.ledger import Item
from book.layout import layout
from book.slots import Page
from core.errors import ChoiceError, Language
from core.values import Origin, Report, no_report
from studio.desk import Desk
from studio.photos import check_version, get_photo
from studio.tasks.bind import BookOrder, PlateOrder
from studio.tracing import Node, Step, steps_in_order, trace

WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "import": "photo importée", "remove": "zone effacée", "replace": "zone remplacée : « {prompt} »",
        "style": "couleurs d'après une image de style", "mask": "zone sélectionnée par une personne",
        "select": "zone proposée", "add-style": "image de style ajoutée",
    },
    "en": {
        "import": "photo imported", "remove": "area erased", "replace": "area replaced: “{prompt}”",
        "style": "colours after a style image", "mask": "area selected by a person",
        "select": "area proposed", "add-style": "style image added",
    },
}  # fmt: skip
"""What the source pages say of each action."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A photo chosen for the book. version: "" for its current one; caption: "" for none."""

    photo: str
    version: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A bound book. engine: what wrote the PDF; warnings: what would print badly, in the book's language."""

    sha: str
    title: str
    pages: int
    engine: str
    warnings: tuple[str, ...]


def bind_book(
    desk: Desk, plates: Sequence[Plate], *, title: str, subtitle: str = "", language: Language = "fr",
    report: Report = no_report,
) -> Book:  # fmt: skip
    """Lay out and bind an album. The PDF goes to the store, its record names every plate.

    Raises ChoiceError when no photo is chosen.
    """
    if not plates:
        raise ChoiceError(
            problem_fr="le livre n'a pas encore de photo. Ajoutez-en une dans la bande du bas.",
            problem_en="the book has no photo yet. Add one from the tray.",
        )
    workspace = desk.workspace
    orders, inputs = [], []
    for plate in plates:
        state = get_photo(workspace, plate.photo)
        sha = plate.version or state.current
        check_version(workspace, state, sha)
        node = trace(workspace, sha)
        steps = tuple(words_of(step, language) for step in steps_in_order(node) if step.action != "add-style")
        orders.append(
            PlateOrder(
                path=str(workspace.store.open(sha)), name=state.name, caption=plate.caption or "", credit=state.credit,
                sources=_sources(node), steps=steps,
            )
        )  # fmt: skip
        inputs.append(Item(sha, "version", node.name or state.name))
    head = workspace.head()
    out = workspace.tmp / f"book-{secrets.token_hex(8)}.pdf"
    order = BookOrder(title, subtitle, language, head.hash, tuple(orders))
    bound = desk.engines.call("torch", "studio.tasks.bind:bind", order, str(out), report=report)
    stored = workspace.store.add(out)
    out.unlink(missing_ok=True)
    workspace.record(
        "bind", who=desk.who, inputs=inputs,
        outputs=[Item(stored.sha256, "book", f"{Path(title).name or 'livre'}.pdf", stored.size)],
        parameters={
            "title": title, "subtitle": subtitle, "pages": bound.pages, "language": language,
            "captions": [plate.caption for plate in plates], "engine": bound.engine, "warnings": list(bound.warnings),
        },
        origin=Origin("algorithm", bound.engine, libraries=bound.libraries),
    )  # fmt: skip
    return Book(stored.sha256, title, bound.pages, bound.engine, tuple(bound.warnings))


def _sources(node: Node) -> tuple[tuple[str, str], ...]:
    """(first characters of the hash, name) of each original and style image that a plate was made from."""
    leaves = {part.sha: part.name for part in node.walk() if part.role in ("original", "style-image")}
    return tuple((sha[:16], name) for sha, name in leaves.items())


def layout_of(desk: Desk, plates: Sequence[Plate]) -> tuple[Page, ...]:
    """The pages as they will be bound, in mm, for the screen."""
    states = [get_photo(desk.workspace, plate.photo) for plate in plates]
    return layout([(state.width, state.height) for state in states])


def words_of(step: Step, language: Language) -> str:
    """One step in words, with the model that did it: « zone effacée (shift-map) »."""
    template = WORDS[language].get(step.action, step.action)
    text = template.format(prompt=step.parameters.get("prompt", ""))
    return f"{text} ({step.model})" if step.model and step.backend != "person" else text
