"""The report's page as HTML: one file with its style and type inside, pictures beside it. Every text is escaped."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from classifier.evaluation import Evaluation, Row
from core.errors import Language, PhotoError
from core.files import shown_name
from core.fonts import FACES, SANS

_STYLE = """
:root { color-scheme: light; --ink: #1c1e21; --quiet: #5c6166; --line: #d9dcdf; --blue: #1f5fae; --red: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1120px; color: var(--ink); background: #fff;
  font: 16px/1.5 Inter, system-ui, sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; } h2 { font-size: 20px; margin: 48px 0 12px; }
p { margin: 0 0 12px; max-width: 76ch; } .quiet, figcaption, small { color: var(--quiet); }
.rate { font-size: 56px; font-weight: 600; line-height: 1.1; margin: 20px 0 4px; }
.facts { display: flex; flex-wrap: wrap; gap: 8px 40px; margin: 20px 0; padding: 0; list-style: none; }
.facts b { display: block; font-size: 22px; font-weight: 600; }
.plots { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
.plots img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; } th, td { padding: 6px 20px 6px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--quiet); } tbody th { min-width: 130px; }
td.n, th.n { text-align: right; white-space: nowrap; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
article { border-top: 1px solid var(--line); padding: 20px 0 24px; break-inside: avoid; }
article h3 { font-size: 16px; margin: 0 0 2px; overflow-wrap: anywhere; }
.said { color: var(--red); font-weight: 600; } .should { color: var(--blue); font-weight: 600; }
.three { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; margin: 12px 0; }
.three figure { margin: 0; } .three img { width: 100%; height: 260px; object-fit: contain; background: #f1f2f3;
  border-radius: 6px; display: block; } figcaption { font-size: 14px; margin-top: 4px; }
.chances { display: flex; flex-wrap: wrap; gap: 4px 28px; font-size: 14px; font-variant-numeric: tabular-nums; }
.chances i { display: inline-block; height: 8px; margin-left: 8px; border-radius: 4px; background: #8b9096; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f1f2f3; border-radius: 6px; padding: 12px;
  font-size: 13px; } summary { cursor: pointer; padding: 8px 0; } code { overflow-wrap: anywhere; }
@media (max-width: 700px) { .three { grid-template-columns: 1fr; }
  th, td { padding-right: 12px; } tbody th { min-width: 0; } }
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One misclassified photo. pictures: addresses relative to the report of the photo, of what spoke for the verdict
    and of what spoke for the expected class, empty when the photo can't be read any more (error says why).
    seen: whether anything spoke for the verdict, for the expected class. credit: the photo's own line.
    """

    row: Row
    pictures: tuple[str, ...]
    seen: tuple[bool, bool]
    credit: str = ""
    error: PhotoError | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """How an evaluation was made: date (ISO, local time with its offset), machine, command, libraries."""

    date: str
    machine: str
    command: str
    libraries: Mapping[str, str]


def page(done: Evaluation, mistakes: Sequence[Mistake], *, wrong: int, made: Made, card: Mapping[str, Any], sha256: str,
         unsure_below: float, words: Mapping[str, str], language: Language) -> str:  # fmt: skip
    """The whole page. wrong: all readable mistakes, of which mistakes are those shown."""
    say = _Speaker(words, language)
    parts = [
        _head(done, say),
        _figures(done, unsure_below, say),
        _plots(say),
        _classes(done, say),
        _wrong(mistakes, wrong, done.classes, say),
        _unread(done, say),
        _model(card, sha256, done, say),
        _made(made, done, say),
    ]
    title = escape(words["title"].format(model=done.model))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_fonts()}{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n"
        "</html>\n"
    )


class _Speaker:
    """The reader's words, escaped as they are filled, and numbers as they write them."""

    def __init__(self, words: Mapping[str, str], language: Language) -> None:
        self.words, self.language = words, language

    def __call__(self, key: str, **details: object) -> str:
        return escape(self.words[key].format(**details))

    def number(self, value: float, digits: int = 3) -> str:
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self.language == "fr" else text

    def percent(self, value: float, digits: int = 1) -> str:
        return self.words["percent"].format(n=self.number(100 * value, digits))


def _head(done: Evaluation, say: _Speaker) -> str:
    readable = done.photos - done.unreadable
    right = sum(row.correct for row in done.rows)
    return (
        f"<header><h1>{say('title', model=done.model)}</h1><p class=quiet>{say('lead')}</p>"
        f'<p class="rate">{escape(say.percent(done.accuracy))}</p>'
        f"<p>{say('rate', right=right, readable=readable)}</p></header>"
    )


def _figures(done: Evaluation, unsure_below: float, say: _Speaker) -> str:
    count, right = done.unsure(unsure_below)
    readable = done.photos - done.unreadable
    facts = [
        (say.number(done.macro_f1), say("macro_f1")),
        (say.number(done.ece), say("ece_short")),
        (say.percent(count / readable), say("unsure", n=count, right=right, below=say.percent(unsure_below, 0))),
    ]
    if readable > count:
        sure = (sum(row.correct for row in done.rows) - right) / (readable - count)
        facts.append((say.percent(sure), say("sure", n=readable - count)))
    if done.unreadable:
        facts.append((say.percent(done.accuracy_all), say("rate_all", n=done.unreadable)))
    items = "".join(f"<li><b>{escape(value)}</b>{name}</li>" for value, name in facts)
    return f'<ul class="facts">{items}</ul><p class="quiet">{say("unsure_note")}</p>'


def _plots(say: _Speaker) -> str:
    pictures = (("confusion.png", "confusion", 480), ("calibration.png", "calibration", 440))
    images = "".join(
        f'<a href="{file}"><img src="{file}" alt="{say(words)}" width="{width}"></a>' for file, words, width in pictures
    )
    return f'<h2>{say("pictures")}</h2><p>{say("calibration_note")}</p><div class="plots">{images}</div>'


def _classes(done: Evaluation, say: _Speaker) -> str:
    columns = ("precision", "recall", "f1", "support")
    head = "".join(f'<th class="n">{say(name)}</th>' for name in columns)
    rows = "".join(
        f"<tr><th>{escape(label)}</th>"
        + "".join(f'<td class="n">{say.number(getattr(score, name))}</td>' for name in columns[:3])
        + f'<td class="n">{score.support}</td></tr>'
        for label, score in done.per_class.items()
    )
    table = f"<table><thead><tr><th>{say('class')}</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>{say('classes')}</h2><p class=quiet>{say('classes_note')}</p>{table}"


def _wrong(mistakes: Sequence[Mistake], wrong: int, classes: Sequence[str], say: _Speaker) -> str:
    title = f"<h2>{say('mistakes', n=wrong)}</h2>"
    if not wrong:
        return f"{title}<p>{say('no_mistake')}</p>"
    limit = f"<p><b>{say('limit', shown=len(mistakes), n=wrong)}</b></p>" if len(mistakes) < wrong else ""
    return f"{title}<p>{say('mistakes_note')}</p>{limit}" + "".join(_mistake(one, classes, say) for one in mistakes)


def _mistake(one: Mistake, classes: Sequence[str], say: _Speaker) -> str:
    row, name = one.row, escape(shown_name(one.row.path))
    verdict, expected = str(row.verdict), str(row.expected)
    asked = (
        f'{say("expected")} <span class="should">{escape(expected)}</span> · '
        f'{say("verdict")} <span class="said">{escape(verdict)}</span>'
    )
    chances = "".join(
        f'<span>{escape(label)} {escape(say.percent(value))}<i style="width:{round(80 * value)}px"></i></span>'
        for label, value in zip(classes, row.probabilities or (), strict=False)
    )
    if one.error is not None:
        shown = f"<p>{escape(one.error.message(say.language))}</p>"
    else:
        captions = (
            say("photo"),
            say("heat_verdict" if one.seen[0] else "heat_none", label=verdict),
            say("heat_expected" if one.seen[1] else "heat_none", label=expected),
        )
        shown = '<div class="three">' + "".join(
            f'<figure><img src="{escape(file)}" alt="{caption} – {name}" loading="lazy"><figcaption>{caption}'
            "</figcaption></figure>"
            for file, caption in zip(one.pictures, captions, strict=True)
        ) + "</div>"  # fmt: skip
    credit = f"<small>{say('credit', credit=one.credit)}</small>" if one.credit else ""
    return f'<article><h3>{name}</h3><p>{asked}</p>{shown}<div class="chances">{chances}</div>{credit}</article>'


def _unread(done: Evaluation, say: _Speaker) -> str:
    unread = [row for row in done.rows if row.error is not None]
    lines = [escape(notice.message(say.language)) for notice in done.notices]
    parts = []
    if lines:
        parts.append(f"<h2>{say('notices')}</h2><ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")
    if unread:
        rows = "".join(
            f"<tr><td>{escape(shown_name(row.path))}</td><td>{escape(row.error.message(say.language))}</td></tr>"
            for row in unread
            if row.error is not None
        )
        parts.append(f"<h2>{say('unreadable', n=len(unread))}</h2><table><tbody>{rows}</tbody></table>")
    return "".join(parts)


def _model(card: Mapping[str, Any], sha256: str, done: Evaluation, say: _Speaker) -> str:
    rows = [(say("model"), escape(done.model)), (say("backend"), say(f"backend_{done.backend}"))]
    rows += [(say(f"card_{name}"), escape(_flat(card[name], say))) for name in
             ("revision", "note", "backbone", "side", "temperature", "trained_on", "started_from", "licence")
             if name in card]  # fmt: skip
    rows.append((say("sha256"), f"<code>{escape(sha256)}</code>"))
    whole = escape(json.dumps(dict(card), ensure_ascii=False, indent=1, sort_keys=True))
    details = f"<details><summary>{say('card_whole')}</summary><pre>{whole}</pre></details>"
    return f"<h2>{say('card')}</h2>{_pairs(rows)}{details}"


def _made(made: Made, done: Evaluation, say: _Speaker) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in made.libraries.items())
    rows = [
        (say("date"), escape(made.date)),
        (say("machine"), escape(made.machine)),
        (say("command"), f"<code>{escape(made.command)}</code>"),
        (say("libraries"), escape(libraries)),
        (say("seconds"), escape(f"{say.number(done.seconds, 1)} s")),
        (say("files"), say("files_note")),
    ]
    return f"<h2>{say('made')}</h2>{_pairs(rows)}"


def _pairs(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return f"<table><tbody>{body}</tbody></table>"


def _flat(value: Any, say: _Speaker) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_flat(part, say)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_flat(part, say) for part in value)
    return say.number(value) if isinstance(value, float) else str(value)


def _fonts() -> str:
    """Inter's regular and semi-bold, inside the page: it looks the same on a machine that has neither."""
    return "".join(
        f'@font-face {{ font-family: "{SANS}"; font-weight: {face.weight}; font-display: swap; '
        f'src: url("data:font/woff2;base64,{b64encode(face.path.read_bytes()).decode()}") format("woff2"); }}\n'
        for face in FACES
        if face.family == SANS and face.weight in (400, 600)
    )
