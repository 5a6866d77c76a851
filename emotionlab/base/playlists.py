"""Is it a film or a sound at all, or a text? FFmpeg reads some texts as lists of other files, and opens those.

A playlist that is handed in as a film would so be answered with a film of this computer that it merely names.
"""

from pathlib import Path

from emotionlab.base.file_kinds import START, kind_of

_LISTS = (b"#", b"<", b"ffconcat", b"v=0")  # HLS and VobSub; DASH and IMF, which are XML; FFmpeg's own; SDP
_NO_LISTS = (b"#!amr", b"yuv4mpeg2")  # a sound and a film that begin with a word
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r")  # not in a list; a camcorder's film may well begin with a "<"
_TAG = 10  # bytes of the head of an ID3 tag


def is_text(source: str | Path | bytes) -> bool:
    """Whether a file, or the bytes of one, begins as a text, which no film and no sound does.

    Told by the content: a name can say anything. Raises OSError where the file cannot be read.
    """
    start = _after_tag(source)
    words = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if words.startswith(_NO_LISTS):
        return False
    kind = kind_of(start)
    if kind is not None and kind.name == "text":
        return True
    return words.startswith(_LISTS) and not _CONTROL.intersection(words[:8])


def _after_tag(source: str | Path | bytes) -> bytes:
    """The first bytes; those behind an ID3 tag, if there is one, because FFmpeg looks there too."""
    if isinstance(source, bytes):
        place = _tag_length(source[:_TAG])
        return source[place : place + START]
    with Path(source).open("rb") as file:
        file.seek(_tag_length(file.read(_TAG)))
        return file.read(START)


def _tag_length(head: bytes) -> int:
    """Bytes of the ID3 tag with this head, 0 where it is none (id3.org, ID3v2.4.0, section 3.1)."""
    if len(head) < _TAG or not head.startswith(b"ID3"):
        return 0
    length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    return _TAG + length + (_TAG if head[5] & 0x10 else 0)  # the head may be repeated at the tag's end
