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
        picture = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        started = self.http.post(f"/{API}/call/picture", json={"data": [picture]})
        started.raise_for_status()
        return self._answer(started.json()["event_id"])

    def _answer(self, event: str) -> list:
        kind = None
        with self.http.stream("GET", f"/{API}/call/picture/{event}") as lines:
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
