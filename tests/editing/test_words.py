"""Words in French and English, read the same with or without accents, articles and plurals."""

from __future__ import annotations

import pytest

from core.errors import NotUnderstood
from editing.vocabulary import CONCEPTS, GLOSSARY, KNOWN_EN, KNOWN_FR
from editing.words import embedded_concepts, understand


@pytest.mark.parametrize(
    ("text", "concepts", "english"),
    [
        ("la voiture", ("car",), "car"),
        ("Les Voitures", ("car",), "car"),
        ("le bolide", ("car",), "car"),
        ("the car", ("car",), "car"),
        ("le panneau publicitaire", ("panel",), "advertising panel"),
        ("LES PANNEAUX PUBLICITAIRES", ("panel",), "advertising panel"),
        ("publicité", ("panel",), "advertising panel"),
        ("publicite", ("panel",), "advertising panel"),
        ("l’affiche", ("panel",), "advertising panel"),
        ("la bannière", ("panel",), "advertising panel"),
        ("sponsors", ("panel",), "advertising panel"),
        ("the billboards", ("panel",), "advertising panel"),
        ("les lettres", ("text",), "text"),
        ("le texte et le logo", ("text", "panel"), "text, advertising panel"),
        ("car, text and banners", ("car", "text", "panel"), "car, text, advertising panel"),
    ],
)
def test_known_words_are_understood_in_both_languages(text: str, concepts: tuple[str, ...], english: str) -> None:
    request = understand(text)
    assert (request.concepts, request.english, request.unknown) == (concepts, english, ())
    assert embedded_concepts(request) == concepts


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("les gens", "people"),
        ("le panneau de signalisation", "road sign"),
        ("la foule, le ciel", "crowd, sky"),
        ("les poteaux", "pole"),
        ("le mur de pneus", "tire wall"),
        ("les barrières", "barrier"),
        ("la voiture rouge", "red car"),
        ("the grandstand", "grandstand"),
    ],
)
def test_the_glossary_translates_for_the_full_backend_and_the_embedded_one_refuses(text: str, english: str) -> None:
    request = understand(text)
    assert request.english == english
    assert request.unknown == ()
    with pytest.raises(NotUnderstood) as refused:
        embedded_concepts(request)
    assert "la voiture" in refused.value.message("fr")
    assert "the advertising panel" in refused.value.message("en")


def test_a_road_sign_is_not_an_advertising_panel() -> None:
    assert understand("panneau de signalisation").concepts == ()
    assert understand("panneau").concepts == ("panel",)


def test_unknown_words_are_named_and_passed_on_as_written() -> None:
    request = understand("le zeppelin")
    assert (request.concepts, request.unknown, request.english) == ((), ("zeppelin",), "zeppelin")
    with pytest.raises(NotUnderstood, match="zeppelin"):
        embedded_concepts(request)


@pytest.mark.parametrize("text", ["", "   ", "le, la", "?!"])
def test_nothing_written_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        understand(text)


def test_every_chip_is_answered_by_the_embedded_backend() -> None:
    for french, english, concept in zip(KNOWN_FR, KNOWN_EN, CONCEPTS, strict=True):
        assert embedded_concepts(understand(french)) == (concept,)
        assert embedded_concepts(understand(english)) == (concept,)


def test_every_word_of_the_vocabulary_leads_to_its_own_entry() -> None:
    for concept, (english, synonyms) in CONCEPTS.items():
        for word in (english, *synonyms):
            assert understand(word).concepts == (concept,), word
    for english, synonyms in GLOSSARY.items():
        for word in (english, *synonyms):
            assert understand(word).prompts == (english,), word
