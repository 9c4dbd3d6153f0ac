"""The login page, the way in by a key, and the way out. Plain HTML: works without a script."""

from __future__ import annotations

import asyncio
import math
import re
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.page.gate import cookie_name, find_login, tokens_of
from app.page.logins import LASTS, Logins
from app.page.sharing import Sharing
from app.page.visitors import current
from app.texts import text
from core.errors import Language

_TEMPLATE = Path(__file__).parent / "login.html"
_INSIDE = re.compile(r"/(?!/)[\w./~%-]*", re.ASCII)
"""A path of this page; "//host" and "/\\host" are other hosts to a browser."""


def login_router(sharing: Sharing, default: Language) -> APIRouter:
    """``/connexion``, ``/entrer`` and ``/deconnexion``. Without a password they lead to the page."""
    routes = APIRouter()

    @routes.get("/connexion")
    def show(request: Request, next: str = "/", lang: str = "") -> Response:
        if sharing.logins is None:
            return RedirectResponse("/", 303)
        if find_login(sharing, request.scope) is not None:  # another tab of this browser has come in meanwhile
            return RedirectResponse(inside(next), 303)
        return _page(_language(request, lang, default), inside(next))

    @routes.post("/connexion")
    async def enter(request: Request) -> Response:
        if sharing.logins is None:
            return RedirectResponse("/", 303)
        try:
            form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=8)
        except ValueError:  # more fields than our form has
            return Response(status_code=400)
        typed, after, lang = (form.get(name, [""])[0] for name in ("password", "next", "lang"))
        language, address = _language(request, lang, default), current.get().address
        wait = sharing.throttle.wait(address)
        if wait > 0:
            return _too_many(language, wait)
        # Counted before the answer is held back, so that tries sent together don't share one.
        if not sharing.logins.is_password(typed):
            await asyncio.sleep(sharing.throttle.failed(address))
            return _page(language, inside(after), text(language, "login.wrong"), status=401)
        sharing.throttle.succeeded(address)
        return _with_cookie(RedirectResponse(inside(after), 303), sharing, sharing.logins, request, owner=False)

    @routes.get("/entrer")
    async def by_key(request: Request, cle: str = "") -> Response:
        if sharing.logins is None:
            return RedirectResponse("/", 303)
        language, role = _language(request, "", default), sharing.logins.role_of(cle)
        if role is None:
            await asyncio.sleep(sharing.throttle.failed(current.get().address))
            return _page(language, "/", text(language, "login.old_key"), status=401)
        # A page that leads on, not a redirect: coming from a link in a message, browsers would not send the
        # cookie (SameSite=Strict) along with the redirect.
        return _with_cookie(_leading_on(language), sharing, sharing.logins, request, owner=role)

    @routes.post("/deconnexion")
    async def leave(request: Request) -> Response:
        if sharing.logins is not None:
            for token in tokens_of(sharing, request.scope):
                sharing.logins.end(token)
        # Over plain http from another machine browsers pass this over: there they may keep pictures for an hour only.
        response = RedirectResponse("/connexion", 303, {"Clear-Site-Data": '"cache"'})
        response.delete_cookie(cookie_name(sharing), httponly=True, samesite="strict")
        return response

    return routes


def inside(path: str) -> str:
    """A path to go on to after the login: one of this page, else its start."""
    return path if _INSIDE.fullmatch(path) and path not in ("/connexion", "/entrer", "/deconnexion") else "/"


def _with_cookie(response: Response, sharing: Sharing, logins: Logins, request: Request, *, owner: bool) -> Response:
    """Always a new token: one that the visitor brought along is never adopted, and is ended."""
    for token in tokens_of(sharing, request.scope):
        logins.end(token)
    response.set_cookie(
        cookie_name(sharing), logins.begin(owner=owner), max_age=None if owner else int(LASTS), httponly=True,
        samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


def _language(request: Request, asked: str, default: Language) -> Language:
    if asked in ("fr", "en"):
        return "en" if asked == "en" else "fr"
    first = request.headers.get("accept-language", "")[:2].lower()
    return "en" if first == "en" else "fr" if first == "fr" else default


def _too_many(language: Language, wait: float) -> Response:
    minutes = max(1, math.ceil(wait / 60))
    response = _page(language, "/", text(language, "login.too_many", minutes=minutes), status=429)
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _page(language: Language, after: str, problem: str = "", *, status: int = 200) -> Response:
    other = "en" if language == "fr" else "fr"
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    form = (
        '<form method="post" action="/connexion">'
        f'<label for="password">{escape(text(language, "login.password"))}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" autocapitalize="none" '
        f'autocorrect="off" spellcheck="false" maxlength="200" required autofocus>{told}'
        f'<input type="hidden" name="next" value="{escape(after)}"><input type="hidden" name="lang" value="{language}">'
        f'<button type="submit">{escape(text(language, "login.enter"))}</button></form>'
        f'<p class="hint">{escape(text(language, "login.hint"))}</p>'
        f'<p class="lang"><a href="/connexion?lang={other}&amp;next={escape(after)}" lang="{other}">'
        f"{escape(text(language, 'login.other_language'))}</a></p>"
    )
    return _html(language, form, status=status)


def _leading_on(language: Language) -> Response:
    body = f'<p><a class="button" href="/">{escape(text(language, "login.go_on"))}</a></p>'
    return _html(language, body, head='<meta http-equiv="refresh" content="0;url=/">')


def _html(language: Language, body: str, *, head: str = "", status: int = 200) -> Response:
    values = {"LANG": language, "HEAD": head, "TITLE": escape(text(language, "login.title")), "BODY": body}
    page = re.sub(r"\{\{(\w+)\}\}", lambda found: values[found.group(1)], _template())
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


@cache
def _template() -> str:
    return _TEMPLATE.read_text("utf-8")
