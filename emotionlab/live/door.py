"""Who may speak to an app: with `Door` whoever has its key, with `OwnPages` the app's own pages alone.

A port of 127.0.0.1 is open to every user of the machine. So on a hub each request to `el.app()` must carry the key
that stands in its owner's notebook: once in the address (`?key=...`), and from then on in a cookie.
"""

import hashlib
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The names of this computer that no other one can reach."""

_ASKING = """<!doctype html><html lang="en">
<head><meta charset="utf-8"><title>EmotionLab: the key, please</title></head>
<body style="font-family: sans-serif; margin: 3em"><h1>The key, please</h1>
<p>{why} The key stands in the notebook that started this app.</p>
<form action="./"><label>Key: <input name="key" type="password" autocomplete="off" autofocus></label>
<button>Open the app</button></form></body></html>"""


class Key:
    """A key that nobody can guess. starting: while it is true, Gradio may ask whether its own server runs."""

    def __init__(self):
        self.word, self.starting = secrets.token_urlsafe(24), True
        self.cookie = f"emotionlab-{hashlib.sha256(self.word.encode()).hexdigest()[:8]}"  # two apps, two cookies

    def fits(self, word: str) -> bool:
        """Whether this is the key; takes as long for any other."""
        return secrets.compare_digest(word.encode("utf-8", "replace"), self.word.encode())


class Door:
    """ASGI middleware: lets through what carries the key, answers everything else with 401."""

    def __init__(self, app, key: Key):
        self.app, self.key = app, key

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan" or self._is_known(scope) or self._is_gradio_itself(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._ask(scope, send)

    def _is_known(self, scope) -> bool:
        headers = [value for name, value in scope["headers"] if name == b"cookie"]
        try:
            shown = SimpleCookie(b"; ".join(headers).decode("latin-1")).get(self.key.cookie)
        except CookieError:
            return False
        return shown is not None and self.key.fits(shown.value)

    def _is_gradio_itself(self, scope) -> bool:
        return self.key.starting and scope["path"] == "/gradio_api/startup-events"

    async def _ask(self, scope, send) -> None:
        """The page that asks for the key; where the address carries it, the way in, without the key in the address."""
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        if scope["path"] == "/" and self.key.fits(asked):
            cookie = f"{self.key.cookie}={self.key.word}; HttpOnly; SameSite=Lax; Path=/"
            await _answer(send, 303, "", [(b"location", b"./"), (b"set-cookie", cookie.encode())])
        else:
            why = "This is not the key of this app." if asked else "This app belongs to somebody."
            await _answer(send, 401, _ASKING.format(why=why), [])


class OwnPages:
    """ASGI middleware of an app for this computer alone: no other web site may use it through its owner's browser.

    A site whose name suddenly leads to 127.0.0.1 (DNS rebinding) shows in the header `Host`, a form or a script of
    another site in `Origin`; both get 403.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan" or self._is_own(dict(scope["headers"])):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _answer(send, 403, "This app answers its own pages alone: open it at 127.0.0.1 or localhost.", [])

    def _is_own(self, headers: dict) -> bool:
        host, origin = (headers.get(name, b"").decode("latin-1") for name in (b"host", b"origin"))
        try:
            named = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return named in LOOPBACK and origin in ("", f"http://{host}", f"https://{host}")


async def _answer(send, status: int, page: str, headers: list) -> None:
    kept = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": page.encode()})
