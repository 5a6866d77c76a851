"""Question 10.2: a square round a face, also at the edge of the picture.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "10.2",
    hints=(
        "First the square: what is its side, and where does it begin so that its middle is the middle of the box?",
        "`side = round(longer * (1 + 2 * margin))`, `left = x + (width - side) // 2`. For the edge, think of the list "
        "of column numbers from left to left + side: what must become of -3, and of a number beyond the last column?",
        "`columns = np.clip(np.arange(left, left + side), 0, picture.shape[1] - 1)`, the same for the rows, then "
        "`picture[rows][:, columns]`.",
    ),
    passed="Right. A face at the edge of the frame now looks to the network like any other.",
    dtype="uint8",
    explained={
        "The side comes out whole, so that a margin of half precision gives the same.": ("blind: argument 3: float16",),
    },
)


@QUESTION.inputs
def boxes_in_a_picture(seed):
    """(picture, box, margin): a box inside, and boxes whose square reaches over each edge; all sides come out whole.

    The last square is larger than its picture.
    """
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (44, 60), dtype=np.uint8)
    pictures = [picture, picture[::-1].copy(), *rng.integers(0, 256, (4, 44, 60), dtype=np.uint8)]
    pictures.append(rng.integers(0, 256, (100, 120), dtype=np.uint8))
    boxes = [((20, 14, 12, 16), 0.25), ((1, 20, 16, 8), 0.5), ((46, 3, 12, 8), 0.5), ((30, 30, 8, 12), 0.5)]
    boxes += [((2, 1, 16, 12), 0.25), ((46, 34, 12, 8), 0.5), ((2, 1, 88, 80), 0.75)]
    shift = rng.integers(0, 2, (len(boxes), 2))
    return [
        (other, (int(x + dx), int(y + dy), w, h), margin)
        for other, ((x, y, w, h), margin), (dx, dy) in zip(pictures, boxes, shift, strict=True)
    ]


# ---- Parts of the answers below ------------------------------------------------------------------


def right_side(box, margin):
    return round(max(box[2:]) * (1 + 2 * margin))


def corner(box, side):
    """(left, top) of a square of this side with the middle of the box."""
    x, y, w, h = box
    return x + (w - side) // 2, y + (h - side) // 2


def cut(picture, left, top, wide, high, mode="edge"):
    """A part of a picture that may reach over its edges."""
    big = np.pad(picture, 100, mode=mode)
    return big[top + 100 : top + 100 + high, left + 100 : left + 100 + wide]


def round_the_box(picture, box, side, mode="edge"):
    return cut(picture, *corner(box, side), side, side, mode)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def pad(picture, box, margin):
    return round_the_box(picture, box, right_side(box, margin))


@style
def opencv(picture, box, margin):
    import cv2

    side = right_side(box, margin)
    left, top = corner(box, side)
    big = cv2.copyMakeBorder(picture, side, side, side, side, cv2.BORDER_REPLICATE)
    return big[top + side : top + 2 * side, left + side : left + 2 * side]


@style
def ix(picture, box, margin):
    x, y, w, h = box
    side = round(max(w, h) * (1 + 2 * margin))
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    rows = [min(max(r, 0), picture.shape[0] - 1) for r in range(top, top + side)]
    columns = [min(max(c, 0), picture.shape[1] - 1) for c in range(left, left + side)]
    return picture[np.ix_(rows, columns)]


@style
def loop(picture, box, margin):
    side = right_side(box, margin)
    left, top = corner(box, side)
    out = np.zeros((side, side), "uint8")
    for i in range(side):
        for j in range(side):
            r = min(max(top + i, 0), len(picture) - 1)
            out[i, j] = picture[r, min(max(left + j, 0), picture.shape[1] - 1)]
    return out


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "At the edge of the picture the part was cut off, so it is no longer square. Shrunk to 48 by 48, the face would be "
    "squeezed. Repeat the last pixels there: `np.pad(..., mode='edge')` or clipped indices."
)
def clipped(picture, box, margin):
    side = right_side(box, margin)
    left, top = corner(box, side)
    return picture[max(top, 0) : top + side, max(left, 0) : left + side]


@mistake(
    "A slice that begins at a negative number begins at the *other* end of the array in Python. Pad the picture first, "
    "or clip the indices."
)
def negative_slice(picture, box, margin):
    side = right_side(box, margin)
    left, top = corner(box, side)
    return picture[top : top + side, left : left + side]


PUSHED_INSIDE = (
    "The square was pushed back into the picture, so the face is no longer in its middle. Keep its place, and repeat "
    "the picture's last pixels where it reaches over the edge."
)


@mistake(PUSHED_INSIDE)
def pushed_inside(picture, box, margin):
    side = right_side(box, margin)
    left, top = corner(box, side)
    left, top = min(max(left, 0), picture.shape[1] - side), min(max(top, 0), picture.shape[0] - side)
    return picture[top : top + side, left : left + side]


@mistake(PUSHED_INSIDE, id="pushed_inside")
def pushed_from_the_left(picture, box, margin):
    side = right_side(box, margin)
    left, top = np.maximum(corner(box, side), 0)
    return picture[top : top + side, left : left + side]


@mistake(
    "Beyond the edge you put black pixels. That draws a line into the picture that no training picture has. Repeat the "
    "last pixels."
)
def black_edge(picture, box, margin):
    return round_the_box(picture, box, right_side(box, margin), "constant")


MIRRORED_EDGE = "Beyond the edge the picture is mirrored. Expected that its last pixels are repeated."


@mistake(MIRRORED_EDGE)
def mirrored_edge(picture, box, margin):
    return round_the_box(picture, box, right_side(box, margin), "symmetric")


@mistake(MIRRORED_EDGE, id="mirrored_edge")
def reflected_edge(picture, box, margin):
    return round_the_box(picture, box, right_side(box, margin), "reflect")


@mistake(
    "Beyond the edge the picture begins again at its other end. Negative indices do that in NumPy: clip them to 0.",
)
def wrapped_edge(picture, box, margin):
    return round_the_box(picture, box, right_side(box, margin), "wrap")


@mistake("The part has the shape of the box, and is no square. Take the *longer* side of the box for both.")
def not_square(picture, box, margin):
    x, y, w, h = box
    across, down = round(w * margin), round(h * margin)
    return cut(picture, x - across, y - down, w + 2 * across, h + 2 * down)


@mistake("The square has the shorter side of the box, so a part of the face is missing. Take the longer one.")
def shorter_side(picture, box, margin):
    return round_the_box(picture, box, round(min(box[2:]) * (1 + 2 * margin)))


@mistake("The margin was added once. Expected it on each side: the side grows by twice the margin.")
def margin_once(picture, box, margin):
    return round_the_box(picture, box, round(max(box[2:]) * (1 + margin)))


@mistake(id="margin_once", says="added once")
def margin_once_from_the_middle(picture, box, margin):
    x, y, w, h = box
    side = round(max(w, h) * (1 + margin))
    return cut(picture, round(x + w / 2 - side / 2), round(y + h / 2 - side / 2), side, side)


@mistake(
    "The square begins at the corner of the box, minus the margin. Where the box is no square, its middle is then off. "
    "Begin at the middle of the box, minus half of the side."
)
def from_the_corner(picture, box, margin):
    x, y, w, h = box
    around, side = margin * max(w, h), right_side(box, margin)
    return cut(picture, round(x - around), round(y - around), side, side)


@mistake("Rows and columns are exchanged: x counts columns and y counts rows, so it is `picture[y, x]`.")
def axes_exchanged(picture, box, margin):
    side = right_side(box, margin)
    left, top = corner(box, side)
    return cut(picture, top, left, side, side)
