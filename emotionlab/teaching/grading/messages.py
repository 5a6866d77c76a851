"""Messages between the grader, its worker and the process that runs a learner's code.

A message is a small JSON object and, after it, bytes that nobody interprets on the way.
"""

import struct
import threading
from json import dumps, loads
from typing import BinaryIO

_HEAD = struct.Struct(">II")
_LONGEST_HEADER, _LONGEST_PAYLOAD = 4 * 2**20, 64 * 2**20


class Garbled(Exception):
    """What arrived is no message."""


class Channel:
    """Both directions of a conversation over two files opened in binary mode.

    trusted: no learner's code writes on the other side; then a header may hold a whole notebook.
    """

    def __init__(self, reader: BinaryIO, writer: BinaryIO, trusted: bool = False):
        self.reader, self.writer = reader, writer
        self._longest = 8 * _LONGEST_HEADER if trusted else _LONGEST_HEADER
        self._one_at_a_time = threading.Lock()

    def send(self, kind: str, payload: bytes = b"", **fields) -> None:
        """Send one message. Raises OSError when the other side is gone."""
        header = dumps({"kind": kind, **fields}).encode("utf-8")
        with self._one_at_a_time:
            self.writer.write(_HEAD.pack(len(header), len(payload)) + header + payload)
            self.writer.flush()

    def receive(self) -> tuple[dict, bytes] | None:
        """The next message, None at the end. Raises Garbled."""
        head = self._exactly(_HEAD.size)
        if head is None:
            return None
        header_length, payload_length = _HEAD.unpack(head)
        if header_length > self._longest or payload_length > _LONGEST_PAYLOAD:
            raise Garbled("a message is longer than any that is sent")
        header, payload = self._exactly(header_length), self._exactly(payload_length)
        if header is None or payload is None:
            return None
        try:
            fields = loads(header)
        except ValueError:
            raise Garbled("a message is no JSON") from None
        if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
            raise Garbled("a message does not say what it is")
        return fields, payload

    def close(self) -> None:
        """Close both files; the other side then sees the end."""
        for file in (self.writer, self.reader):
            try:
                file.close()
            except OSError:
                continue

    def _exactly(self, size: int) -> bytes | None:
        parts = []
        while size:
            try:
                part = self.reader.read(size)
            except (OSError, ValueError):  # the other side was killed, or this side was closed
                return None
            if not part:
                return None
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
