"""On a hub the app asks for its owner's key: without it nothing of it can be had, whichever way one comes."""

import asyncio
import re

import httpx
import pytest
from app_client import Visitor

from emotionlab.base.errors import EmotionLabError
from emotionlab.live.app import _guard, app
from emotionlab.live.door import Door, Key, OwnPages

SENTENCE = "I am so glad that you came."


@pytest.fixture(scope="module")
def opened():
    """An app as a hub's learner starts it, and what it printed; the tabs are the cheapest there are."""
    import contextlib
    import io
    import socket

    patch, said = pytest.MonkeyPatch(), io.StringIO()
    patch.setenv("JUPYTERHUB_USER", "ada")
    patch.delenv("EMOTIONLAB_HEADLESS", raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    demo = app(only="text")
    with contextlib.redirect_stdout(said):
        demo.launch(server_port=port, prevent_thread_lock=True, inline=False)
    yield demo, said.getvalue()
    demo.close(verbose=False)
    patch.undo()


def ways_in(demo) -> list[tuple[str, str]]:
    """Every route of the app with each of its methods, and what the page itself calls; blanks of a path are filled."""
    found = [("POST", f"/gradio_api/{name}") for name in ("queue/join", "upload", "call/text", "component_server")]
    found += [("GET", f"/gradio_api/{name}") for name in ("info", "startup-events", "queue/data", "file=/etc/hosts")]
    for route in demo.app.routes:
        path = re.sub(r"\{[^}]*\}", "x", getattr(route, "path", "/"))
        found += [(method, path) for method in getattr(route, "methods", None) or ["GET"]]
    return found


def test_without_the_key_every_route_is_closed(opened):
    demo, _ = opened
    ways = ways_in(demo)
    assert len(ways) > 20
    with httpx.Client(base_url=demo.local_url, timeout=60) as stranger:
        for key in ("", "?key=", "?key=wrong"):
            answers = {way: stranger.request(way[0], way[1] + key) for way in ways}
            assert {way: answer.status_code for way, answer in answers.items() if answer.status_code != 401} == {}
        page = stranger.get("/?key=wrong").text
    assert "not the key of this app" in page
    assert "gradio_config" not in page


def test_the_printed_key_opens_it_and_leaves_the_address(opened):
    demo, said = opened
    (word,) = re.findall(r"Yours: (\S+)", said)
    owner = Visitor(demo.local_url)
    let_in = owner.http.get("/", params={"key": word})
    assert let_in.status_code == 303
    assert word not in let_in.headers["location"]
    assert "gradio_config" in owner.http.get("/").text
    assert "%" in owner.read(SENTENCE)[0]
    owner.close()


def test_a_cookie_of_another_app_opens_nothing(opened):
    demo, _ = opened
    other = Key()
    for cookie in (f"{other.cookie}={other.word}", f"{demo.key.cookie}={other.word}", f"{demo.key.cookie}", ";=;;"):
        assert httpx.get(demo.local_url, headers={"cookie": cookie}).status_code == 401


def test_a_websocket_without_the_key_is_closed():
    async def inside(scope, receive, send):
        raise AssertionError("a stranger came in")

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    asyncio.run(Door(inside, Key())(scope, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_elsewhere_no_key_is_asked_for(monkeypatch, capsys):
    from emotionlab.live.quiet_gradio import gr

    asked = {}
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, **options: asked.update(options))
    demo = app(only="text")
    demo.local_url = "http://127.0.0.1/"
    demo.launch(prevent_thread_lock=True)
    assert [middleware.cls for middleware in asked["app_kwargs"]["middleware"]] == [OwnPages]
    assert "key" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def own():
    """An app as it starts on one's own computer."""
    from browsers import own_port

    patch = pytest.MonkeyPatch()
    for name in ("JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX", "EMOTIONLAB_HEADLESS"):
        patch.delenv(name, raising=False)
    demo = app(only="text")
    demo.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)
    yield demo
    demo.close(verbose=False)
    patch.undo()


def test_no_other_web_site_may_use_the_app(own):
    """Neither under a name of its own that leads here (DNS rebinding) nor from its own page."""
    port = own.local_url.rstrip("/").rsplit(":")[-1]
    here, other = f"127.0.0.1:{port}", f"evil.example:{port}"
    strangers = [{"host": other}, {"host": other, "origin": f"http://{other}"}, {"host": here, "origin": "null"}]
    strangers += [{"host": here, "origin": f"http://{other}"}, {"host": here, "origin": "http://127.0.0.1:1"}]
    with httpx.Client(base_url=own.local_url, timeout=60) as http:
        for headers in strangers:
            for method, path in ways_in(own):
                assert http.request(method, path, headers=headers).status_code == 403, (headers, method, path)
        for headers in ({}, {"host": f"localhost:{port}"}, {"host": here, "origin": f"http://{here}"}):
            assert "gradio_config" in http.get("/", headers=headers).text
    visitor = Visitor(own.local_url)
    assert "%" in visitor.read(SENTENCE)[0]
    visitor.close()


@pytest.mark.parametrize("host", ["", "[", "127.0.0.1.evil.example", "evil.example"])
def test_a_websocket_of_another_site_is_closed(host):
    async def inside(scope, receive, send):
        raise AssertionError("a stranger came in")

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [(b"host", host.encode())], "query_string": b""}
    asyncio.run(OwnPages(inside)(scope, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_beyond_this_computer_other_names_are_let_in():
    options = {}
    assert _guard(options, "0.0.0.0") is None
    assert "app_kwargs" not in options


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "no such name", "x" * 70])
def test_an_address_that_is_not_this_computers_is_told_at_once(host, monkeypatch):
    monkeypatch.delenv("EMOTIONLAB_HEADLESS", raising=False)
    with pytest.raises(EmotionLabError, match="an address of this computer"):
        app(only="text").launch(server_name=host, prevent_thread_lock=True)
