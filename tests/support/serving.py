"""A server on this machine for tests of downloads: it answers every request with the same content."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Served:
    """What is answered, where, and how often it was asked for."""

    def __init__(self, content: bytes):
        self.content, self.asked, self.address = content, 0, ""


@contextlib.contextmanager
def serving(content: bytes) -> Iterator[Served]:
    """Serve `content` at the address of what this gives, for the time of a `with` block."""
    served = Served(content)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            served.asked += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(served.content)))
            self.end_headers()
            self.wfile.write(served.content)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}/file"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
