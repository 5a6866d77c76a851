"""A visitor of the app without a browser: the requests that its page makes, over the loopback."""

import json
import mimetypes

import httpx

API = "gradio_api"


class Visitor:
    """One visitor. address: of the app, such as "http://127.0.0.1:7860/"."""

    def __init__(self, address: str, timeout: float = 120):
        self.http = httpx.Client(base_url=address, timeout=timeout)

    def upload(self, name: str, content: bytes) -> str:
        """Send a file; its path on the server. httpx.HTTPStatusError where it is refused."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        answer = self.http.post(f"/{API}/upload", files={"files": (name, content, kind)})
        answer.raise_for_status()
        return answer.json()[0]

    def look(self, path: str, name: str = "picture.jpg") -> list:
        """What the picture tab shows for an uploaded file: annotated picture, bars, table (HTML)."""
        return self._call("picture", {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}})

    def read(self, text: str) -> list:
        """What the text tab shows for a text: bars, words (HTML)."""
        return self._call("text", text)

    def hear(self, message: dict) -> dict:
        """What the voice tab's server says to a message of its panel."""
        parts = self.http.get("/config").json()["components"]
        panel = next(part["id"] for part in parts if part["props"].get("elem_id") == "voice")
        asked = {"data": message, "component_id": panel, "fn_name": "hear", "session_hash": "visitor"}
        answer = self.http.post(f"/{API}/component_server", json=asked)
        answer.raise_for_status()
        return answer.json()

    def _call(self, name: str, value) -> list:
        started = self.http.post(f"/{API}/call/{name}", json={"data": [value]})
        started.raise_for_status()
        return self._answer(name, started.json()["event_id"])

    def _answer(self, name: str, event: str) -> list:
        kind = None
        with self.http.stream("GET", f"/{API}/call/{name}/{event}") as lines:
            for line in lines.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if line.startswith("data: ") and kind in ("complete", "error"):
                    told = json.loads(line.removeprefix("data: "))
                    if kind == "error":
                        raise RuntimeError(f"the app answered with an error: {told}")
                    return told
        raise RuntimeError(f"the app ended its answer to {event} early")

    def close(self) -> None:
        """Leave."""
        self.http.close()
