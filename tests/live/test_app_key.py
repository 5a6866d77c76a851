"""On a hub the app asks for its owner's key: without it nothing of it can be had, whichever way one comes."""

import asyncio
import re

import httpx
import pytest
from app_client import Visitor

from emotionlab.live.app import app
from emotionlab.live.door import Door, Key

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
    assert "app_kwargs" not in asked
    assert "key" not in capsys.readouterr().out
