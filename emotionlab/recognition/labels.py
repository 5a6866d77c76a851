"""Where the label of each face goes, so that it covers no other label and no other face; and a group in one line."""

from collections import Counter
from collections.abc import Iterator

SCALES = (1.0, 0.8, 0.65)
"""Sizes of the letters that are tried, the largest first."""

ROWS = 4
"""How many labels may be stacked above a face, or below it."""

Rectangle = tuple[int, int, int, int]
"""left, top, right, bottom in pixels."""


def place_labels(boxes: list[Rectangle], sizes: list, width: int, height: int) -> list[tuple[float, Rectangle]]:
    """A place for each label in a picture of this size: (one of `SCALES`, left, top, right, bottom).

    boxes: of the faces. sizes: for each face a function from a scale to the (width, height) of its label.
    The largest faces choose first: above, below, further away, inside the own box; then all of it with smaller letters.
    Where nothing is free, the place that covers least.
    """
    order = sorted(range(len(boxes)), key=lambda i: -_area(boxes[i]))
    placed: dict[int, tuple[float, Rectangle]] = {}
    for i in order:
        others = [box for j, box in enumerate(boxes) if j != i] + [taken for _, taken in placed.values()]
        placed[i] = _best(boxes[i], sizes[i], others, width, height)
    return [placed[i] for i in range(len(boxes))]


def _best(box: Rectangle, size, others: list[Rectangle], width: int, height: int) -> tuple[float, Rectangle]:
    best, least = None, None
    for scale in SCALES:
        for place in _places(box, *size(scale)):
            place = _moved_inside(place, width, height)
            covered = sum(overlap(place, other) for other in others)
            if covered == 0:
                return scale, place
            if least is None or covered < least:
                best, least = (scale, place), covered
    return best


def _places(box: Rectangle, wide: int, high: int) -> Iterator[Rectangle]:
    """Places for a label of this size, the best first."""
    left, top, right, bottom = box
    columns = (left, (left + right - wide) // 2, right - wide)
    near, far = (0,), range(1, ROWS)
    for rows in (near, far):
        above = [top - (row + 1) * high for row in rows]
        below = [bottom + row * high for row in rows]
        for pair in zip(above, below, strict=True):
            for y in pair:
                yield from ((x, y, x + wide, y + high) for x in columns)
        if rows is near:
            yield from ((x, y, x + wide, y + high) for y in (top, bottom - high) for x in columns)


def _moved_inside(place: Rectangle, width: int, height: int) -> Rectangle:
    left, top, right, bottom = place
    x = min(max(left, 0), max(0, width - (right - left)))
    y = min(max(top, 0), max(0, height - (bottom - top)))
    return x, y, x + right - left, y + bottom - top


def overlap(one: Rectangle, other: Rectangle) -> int:
    """The area that two rectangles share, in pixels."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


def _area(box: Rectangle) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def group_in_words(emotions) -> str:
    """A group in one line, such as "5 faces: 3 happy, 1 sad, 1 not sure": the most frequent first."""
    counts = Counter(emotions)
    told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    total = sum(counts.values())
    return f"{total} face{'' if total == 1 else 's'}: {told}" if total else "no face"
