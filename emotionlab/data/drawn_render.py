"""The renderer behind the drawn faces: a head is cast as an ellipsoid, lit, and its features painted on.

Lengths are in half pictures: x runs from -1 (left) to 1 (right), y from -1 (top) to 1 (bottom), z comes
out of the picture. `u`, `v` are the same axes fixed to the head, so u = 0 is its line of symmetry.

Every pixel is made with + - * / sqrt, min, max and floor only. IEEE 754 fixes their results to the last
bit, so a face has the same pixels on every machine (exp or sin may differ in the last bit).
Facial action units move the features as the Facial Action Coding System describes them
(Ekman & Friesen 1978; Ekman, Friesen & Hager 2002).
"""

from dataclasses import dataclass, fields
from types import SimpleNamespace

import numpy as np

from emotionlab.base.settings import IMAGE_SIZE

CHUNK = 16  # faces drawn at once: their working arrays then stay in the processor's cache
PIXEL = 2 / IMAGE_SIZE


@dataclass
class Person:
    """Who is drawn. Each field is a float, or an array (N,) for N people; the defaults are average.

    skin, hair, eyes, lips: grey levels 0..1; lips and brow_tone are relative to skin and hair.
    width, jaw, chin: shape of the head.  hairline: height of the hair's lower edge.  volume, long: hair.
    parting: slant of the hairline.  brow_*: height, thickness, arch, tilt.  eye_*: size and slant.
    nose_*: width, length.  mouth_*: width, height, fullness.  age: strength of lines at rest.
    makeup, beard, moustache, glasses, shades: 0 (none) to 1.  asymmetry: -1..1.
    """

    skin: float = 0.62
    hair: float = 0.15
    eyes: float = 0.2
    lips: float = 0.7
    width: float = 0.8
    jaw: float = 0.06
    chin: float = 0.93
    hairline: float = -0.78
    volume: float = 0.1
    long: float = 0.0
    parting: float = 0.0
    fringe: float = 0.0
    brow_height: float = 0.0
    brow_thick: float = 0.06
    brow_arch: float = 0.05
    brow_tilt: float = 0.0
    brow_tone: float = 0.75
    eye_size: float = 1.0
    eye_gap: float = 0.34
    eye_slant: float = 0.0
    nose_width: float = 1.0
    nose_length: float = 0.2
    mouth_width: float = 0.31
    mouth_height: float = 0.5
    mouth_full: float = 1.0
    mouth_rest: float = 0.0
    age: float = 0.25
    makeup: float = 0.2
    beard: float = 0.0
    moustache: float = 0.0
    glasses: float = 0.0
    shades: float = 0.0
    asymmetry: float = 0.0


@dataclass
class Photo:
    """How the person is photographed. Each field is a float, or an array (N,) for N pictures.

    yaw, pitch, roll: pose in degrees; positive turns the face to the picture's right, down, clockwise.
    scale, shift_x, shift_y: size and place of the head.  gaze: -1 (left) to 1 (right).
    light_x, light_y, light_z: direction towards the light.  ambient: 0..1, light without direction.
    exposure, contrast: factors.  background, backdrop: its grey level, and its change from left to right.
    blur: 0..1.  noise: standard deviation, as a share of white.
    hand, scarf, strand: 0 or 1, what hides part of the face; hide_x, hide_y, hide_tone: where, how light.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    gaze: float = 0.0
    light_x: float = -0.35
    light_y: float = -0.45
    light_z: float = 0.8
    ambient: float = 0.42
    exposure: float = 1.0
    contrast: float = 1.0
    background: float = 0.45
    backdrop: float = 0.0
    blur: float = 0.15
    noise: float = 0.0
    hand: float = 0.0
    scarf: float = 0.0
    strand: float = 0.0
    hide_x: float = 0.0
    hide_y: float = 0.5
    hide_tone: float = 0.5


def render(units, person: Person, photo: Photo, rng: np.random.Generator | None = None) -> np.ndarray:
    """Draw N faces.

    units: (N, 64) float, column k is the intensity 0..1 of action unit k.
    person, photo: their fields are floats or arrays (N,).
    rng: where the noise comes from; None for no noise.
    Returns (N, 48, 48) uint8.
    """
    n = len(units)
    images = np.empty((n, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        size = part.stop - start
        au = np.asarray(units[part], np.float32).T[:, :, None, None]
        who, how = _columns(person, part, size), _columns(photo, part, size)
        images[part] = _picture(au, who, how, None if rng is None else _grain(rng, size))
    return images


def _grain(rng, n: int) -> np.ndarray:
    """Noise of mean 0 and standard deviation 1, (n, 48, 48): the sum of three bytes is nearly normal."""
    count = n * 3 * IMAGE_SIZE * IMAGE_SIZE
    layers = np.frombuffer(rng.bytes(count), np.uint8).reshape(n, 3, IMAGE_SIZE, IMAGE_SIZE)
    total = layers[:, 0].astype(np.float32)
    total += layers[:, 1]
    total += layers[:, 2]
    return (total - np.float32(3 * 127.5)) * np.float32(1 / 128)


def _columns(record, part: slice, size: int) -> SimpleNamespace:
    """The fields of a record for one chunk, each (size, 1, 1) float32."""
    columns = {}
    for field in fields(record):
        value = np.asarray(getattr(record, field.name), np.float32)
        value = value[part] if value.ndim else np.full(size, value)
        columns[field.name] = value[:, None, None]
    return SimpleNamespace(**columns)


def _picture(au, who, how, grain) -> np.ndarray:
    """One chunk of faces: background, head, features, light, what hides them, and the camera."""
    x, y = _camera_axes(how)
    head = _cast_head(x, y, au, who, how)
    skin, relief = _skin(head, au, who)
    gap = _mouth_gap(head, au, who)
    _paint_beard(skin, head, who)
    _paint_mouth(skin, relief, head, gap, au, who)
    _paint_eyes(skin, relief, head, au, who, how)
    _paint_brows(skin, head, au, who)
    _paint_front_hair(skin, relief, head, who)
    _paint_glasses(skin, head, who)
    face = skin * _light(head, relief, how)
    picture = _behind(head, who, how)
    picture += head.mask * (face - picture)
    _paint_hiding(picture, head, who, how)
    return _develop(picture, how, grain)


# ----------------------------------------------------------------- shapes


def _bell(squared):
    """A smooth bump of the squared distance: 1 at 0, 0 from 1 on."""
    bump = np.maximum(1 - squared, 0)
    return bump * bump


def _blob(x, y, centre_x, centre_y, radius_x, radius_y):
    """A smooth elliptical bump of height 1."""
    dx = (x - centre_x) * (1 / radius_x)
    dy = (y - centre_y) * (1 / radius_y)
    dx *= dx
    dy *= dy
    dx += dy
    return _bell(dx)


def _edge(distance, softness=PIXEL):
    """Coverage of a pixel: 0 outside (negative distance), 1 inside, a ramp `softness` wide between."""
    ramp = distance * (1 / softness)
    ramp += 0.5
    np.maximum(ramp, 0, out=ramp)
    np.minimum(ramp, 1, out=ramp)
    return ramp


def _wave(phase):
    """A triangle wave from 0 to 1 with period 1."""
    phase = phase - np.floor(phase)
    return np.abs(2 * phase - 1)


def _paint(canvas, coverage, tone):
    """Lay `tone` over the canvas where it is covered, in place."""
    canvas += coverage * (tone - canvas)


# ------------------------------------------------------------------- head


def _camera_axes(how):
    """Picture coordinates of the head's own frame: roll, scale and shift undone."""
    axis = (np.arange(IMAGE_SIZE, dtype=np.float32) + 0.5) * PIXEL - 1
    x = axis[None, None, :] - how.shift_x
    y = axis[None, :, None] - how.shift_y
    cos, sin = _turn(how.roll)
    zoom = 1 / how.scale
    return (x * (cos * zoom) + y * (sin * zoom)), (y * (cos * zoom) - x * (sin * zoom))


def _turn(degrees):
    """Cosine and sine, computed in float64 and rounded, for the same float32 on every machine."""
    radians = np.deg2rad(degrees.astype(np.float64))
    return np.cos(radians).astype(np.float32), np.sin(radians).astype(np.float32)


def _cast_head(x, y, au, who, how):
    """Meet the ray through each pixel with the head's ellipsoid: surface place, normal and silhouette."""
    low = np.minimum(np.maximum(y * 0.9 - 0.1, 0), 1)
    y = y - 0.1 * au[26] * (low * low)  # a dropped jaw lengthens the lower face
    square = np.minimum(np.maximum(y, 0), 0.8)
    x = x * (1 - who.jaw * square * (2.2 - square))
    top = -1.2
    axes = who.width, (who.chin - top) / 2, 0.78
    middle = (who.chin + top) / 2
    (cy, sy), (cp, sp) = _turn(how.yaw), _turn(-how.pitch)
    down = y - middle
    deep = sy * x
    start = cy * x, cp * down + sp * deep, cp * deep - sp * down
    ray = -sy, sp * cy, cp * cy
    a = sum((d / r) ** 2 for d, r in zip(ray, axes, strict=True))
    b = sum(o * (d / (r * r)) for o, d, r in zip(start, ray, axes, strict=True))
    c = sum((o * (1 / r)) ** 2 for o, r in zip(start, axes, strict=True))
    inside = b * b - a * (c - 1)
    depth = (np.sqrt(np.maximum(inside, 0)) - b) / a
    point = [o + depth * d for o, d in zip(start, ray, strict=True)]
    nx, ny, nz = (q * (1 / (r * r)) for q, r in zip(point, axes, strict=True))
    nz, ny = cp * nz + sp * ny, cp * ny - sp * nz  # back from the head's frame to the camera's
    nx, nz = cy * nx - sy * nz, cy * nz + sy * nx
    u, v = point[0], point[1] + middle
    head = SimpleNamespace(x=x, y=y, u=u, v=v, w=np.abs(u), side=np.sign(u), normal=(nx, ny, nz))
    head.mask = _edge(inside * (0.42 / a))
    head.lean = sy / np.maximum(cy, 0.5), -sp / np.maximum(cp, 0.5)
    head.axes, head.middle, head.cos_yaw, head.sin_yaw = axes, middle, cy, sy
    return head


def _behind(head, who, how):
    """Background, hair behind the head, neck and ears: what the head is painted over."""
    x, y = head.x, head.y
    picture = np.minimum(np.maximum(how.background + how.backdrop * x + 0.08 * y, 0), 1)
    below = y - head.middle
    kept = 1 - (1 - who.long) * np.minimum(np.maximum(1.6 * y + 1, 0), 1.3)  # short hair ends at the ears
    wide, tall = who.width + who.volume * kept, head.axes[1] + 0.7 * who.volume
    falling = np.minimum(below, 0) + np.maximum(below, 0) * (1 - who.long)
    outline = 1 - (x / wide) ** 2 - (falling / tall) ** 2
    _paint(
        picture,
        _edge(outline * 0.4),
        who.hair * (0.8 + 0.15 * _wave(x * 5 + 0.7 * y) + 0.1 * _wave(x * 8.3 - y)) * how.exposure,
    )
    neck = _edge(0.42 - np.abs(x + 0.1 * head.sin_yaw)) * _edge(y - 0.5)
    _paint(picture, neck, 0.5 * who.skin * how.exposure)
    ear_x = np.abs(x + 0.2 * head.sin_yaw) - who.width * head.cos_yaw
    ear = _edge(0.06 * (1 - (ear_x * 9) ** 2 - ((y + 0.08) * 4.5) ** 2)) * (1 - who.long)
    _paint(picture, ear, 0.62 * who.skin * how.exposure)
    return picture


def _light(head, relief, how):
    """Lambert's cosine law on the bumped normals, with ambient light and a soft sheen; (N, 48, 48)."""
    nx, ny, nz = head.normal
    nx = nx.copy()
    ny = ny.copy()
    slope = (relief[:, :, 2:] - relief[:, :, :-2]) * 14
    nx[:, :, 1:-1] -= slope
    ny[:, 1:-1] -= (relief[:, 2:] - relief[:, :-2]) * 14
    towards = np.sqrt(how.light_x**2 + how.light_y**2 + how.light_z**2)
    facing = nx * (how.light_x / towards) + ny * (how.light_y / towards) + nz * (how.light_z / towards)
    facing /= np.sqrt(nx * nx + ny * ny + nz * nz)
    np.maximum(facing, 0, out=facing)
    sheen = facing * facing
    sheen *= sheen
    sheen *= sheen
    return (how.ambient + (1.05 - how.ambient) * facing + 0.12 * sheen * sheen) * how.exposure


# ---------------------------------------------------------------- features


def _skin(head, au, who):
    """Skin without eyes, brows and mouth: its grey level and its relief, both (N, 48, 48)."""
    u, v, w = head.u, head.v, head.w
    lean_x, lean_y = head.lean
    # The nose stands out of the ellipsoid, so a turned head moves its tip further than its root.
    out = np.minimum(np.maximum(v * 1.6 + 0.55, 0), 1) * 0.17
    nose_u = u - lean_x * out
    nose_v = v - lean_y * out + 0.05 * au[9]
    nose_w = np.abs(nose_u)
    tip = who.nose_length
    wings = 0.085 * who.nose_width + 0.02 * au[9] + 0.012 * au[12]
    relief = 0.06 * _blob(nose_u, nose_v, 0, tip - 0.22, 0.12, 0.42)
    relief += 0.085 * _blob(nose_u, nose_v, 0, tip, 0.15 * who.nose_width, 0.15)
    relief += 0.035 * _blob(nose_w, nose_v, wings, tip + 0.03, 0.08, 0.09)
    relief += 0.03 * _blob(w, v, 0.3, -0.40 + 0.05 * au[4], 0.38, 0.14)
    relief -= 0.06 * _blob(w, v, who.eye_gap, -0.2, 0.26, 0.17)
    apple = _blob(w, v, 0.4 + 0.03 * au[12], 0.14 - 0.05 * au[6], 0.26, 0.22)
    relief += (0.02 + 0.04 * np.maximum(au[6], 0.7 * au[12])) * apple
    relief += (0.02 + 0.035 * au[17]) * _blob(u, v, 0, 0.78, 0.2, 0.14)
    folds = _folds(head, nose_w, nose_v, au, who)
    nostrils = _blob(nose_w, nose_v, 0.85 * wings, tip + 0.085, 0.075, 0.055)
    under = _blob(nose_u, nose_v, 0, tip + 0.11, 0.24, 0.09)
    shadow = (1 - 0.6 * nostrils) * (1 - 0.28 * under) * (1 - folds)
    return who.skin * shadow, relief


def _folds(head, nose_w, nose_v, au, who):
    """Darkness 0..1 of lines and furrows: at rest by age, and where action units fold the skin."""
    u, v, w = head.u, head.v, head.w
    t = (v - 0.2) * 3
    cheek_line = 0.17 + 0.13 * t + (0.05 * au[12] + 0.03 * au[9]) * t * (2 - t)
    cheek = _bell(((w - cheek_line) * 12) ** 2) * _bell((t * 1.25 - 0.55) ** 2)
    folds = np.minimum(0.18 * who.age + 0.38 * au[12] + 0.35 * au[9] + 0.2 * au[20] + 0.2 * au[15], 0.6) * cheek
    across = np.maximum(au[1], au[2])
    brow_high = _bell(((v + 0.66) * 5.2) ** 2) * _bell((u * (1.9 - 0.5 * au[2])) ** 2)
    lines = _wave(v * 9.5)
    folds += (0.1 * who.age + 0.5 * across) * brow_high * lines * lines
    frown = _bell(((w - 0.07) * 17) ** 2) * _bell(((v + 0.38) * 6.5) ** 2)
    folds += (0.06 * who.age + 0.42 * au[4] + 0.2 * au[9]) * frown
    bridge = _bell((nose_w * 6.5) ** 2) * _bell(((nose_v + 0.14) * 5.5) ** 2)
    folds += 0.55 * au[9] * bridge * _wave(v * 9)
    bag = _bell(((v + 0.06 + 0.25 * (w - who.eye_gap) ** 2) * 17) ** 2) * _bell(((w - who.eye_gap) * 4.6) ** 2)
    folds += (0.2 * who.age + 0.3 * au[6] + 0.15 * au[7]) * bag
    feet = _blob(w, v, who.eye_gap + 0.27, -0.18, 0.13, 0.15)
    folds += (0.1 * who.age + 0.35 * au[6]) * feet * _wave(v * 10 + 0.4)
    folds += (0.1 + 0.35 * au[17] + 0.15 * au[15]) * _blob(u, v, 0, 0.67, 0.2, 0.06)
    return np.minimum(folds, 0.85)


def _mouth_gap(head, au, who):
    """Where the mouth is: t across it (-1..1 at its corners) and the four lip edges as values of v."""
    smile, frown, jaw = au[12], au[15], au[26]
    half = who.mouth_width * (1 + 0.32 * smile + 0.32 * au[20] - 0.16 * au[23] - 0.38 * jaw * (1 - smile))
    t2 = (head.u / half) ** 2
    arch = np.maximum(1 - t2, 0)
    centre = who.mouth_height + 0.09 * who.asymmetry * head.u + 0.02 * smile - 0.03 * au[9]
    corners = -0.2 * smile + 0.18 * frown + 0.09 * au[20] + who.mouth_rest
    line = centre - 0.02 * au[17] + corners * np.minimum(t2, 1.3) - 0.35 * corners
    part = 0.035 * au[25]
    bared = np.minimum(au[25] + jaw, 1)  # lips that are apart show more when they are also pulled
    up = part + 0.03 * jaw + 0.035 * smile * bared + 0.05 * au[9] * np.minimum(au[25] + 0.6 * au[16], 1)
    down = part + 0.31 * jaw + 0.1 * au[16] + (0.09 * smile + 0.03 * au[20]) * bared
    full = who.mouth_full * (1 - 0.65 * au[23]) * (1 - 0.25 * smile) * (1 - 0.2 * au[20])
    bow = arch * (1 - 0.3 * _bell(t2 * 12))
    rounded = arch + 0.8 * jaw * (np.sqrt(arch) - arch)  # a dropped jaw makes an oval of the opening
    inner_up, inner_down = line - up * rounded, line + down * rounded
    return SimpleNamespace(
        t2=t2,
        arch=arch,
        half=half,
        inner_up=inner_up,
        inner_down=inner_down,
        outer_up=inner_up - 0.075 * full * bow - 0.035 * au[9] * arch,
        outer_down=inner_down + 0.1 * full * arch,
    )


def _paint_mouth(skin, relief, head, gap, au, who):
    """Lips, the line between them, and what an open mouth shows: dark, teeth, tongue."""
    v = head.v
    lips = _edge(v - gap.outer_up) * _edge(gap.outer_down - v) * _edge(1.02 - gap.t2, 0.25)
    tone = who.skin * who.lips * (1 - 0.25 * who.makeup)
    _paint(skin, 0.85 * lips, np.where(v < gap.inner_up, 0.85, 1.08) * tone)
    relief += 0.02 * lips * _edge(v - gap.inner_down, 0.1)
    opening = gap.inner_down - gap.inner_up
    seam = _bell(((v - 0.5 * (gap.inner_up + gap.inner_down)) * 25) ** 2) * _edge(1.08 - gap.t2, 0.2)
    skin *= 1 - (0.45 + 0.25 * au[23]) * seam
    inside = _edge(v - gap.inner_up) * _edge(gap.inner_down - v) * _edge(opening - 0.03, 0.05)
    inside *= _edge(1 - gap.t2, 0.2)
    _paint(skin, inside, 0.07)
    upper = _edge(gap.inner_up + 0.1 - 0.03 * au[26] - v)
    teeth = inside * upper * np.minimum(0.3 + 1.2 * au[12] + 0.7 * au[20] + 0.6 * au[9], 1)
    _paint(skin, teeth, 0.86)
    lower = _edge(v - gap.inner_down + 0.055) * np.minimum(0.8 * au[16] + 0.5 * au[20], 1)
    _paint(skin, inside * lower, 0.72)
    tongue = _blob(head.u, v, 0, gap.inner_down, 0.6 * gap.half, 0.09)
    _paint(skin, inside * tongue * 0.7 * au[26], 0.32)


def _paint_eyes(skin, relief, head, au, who, how):
    """Both eyes: white, iris, pupil, a highlight, the lids' edges and the crease above."""
    slant = head.w - who.eye_gap
    v = head.v + 0.21 + who.eye_slant * slant + 0.02 * who.asymmetry * head.u
    q2 = (slant * (1 / (0.155 * (0.85 + 0.15 * who.eye_size)))) ** 2
    squeeze = np.maximum(1 - 0.45 * au[6] - 0.4 * au[7] - 0.35 * au[9] - 0.12 * au[12], 0.12)
    awake = np.maximum(1 - au[43], 0)
    rise = 0.07 * who.eye_size * (1 + 0.75 * au[5]) * squeeze * awake
    fall = 0.052 * who.eye_size * (1 + 0.2 * au[5]) * np.maximum(1 - 0.5 * au[6] - 0.55 * au[7], 0.15)
    arch = np.maximum(1 - q2, -0.5)
    upper, lower = -rise * arch + 0.04 * au[43] * arch, fall * arch
    open_ = _edge(v - upper) * _edge(lower - v) * _edge(1.05 - q2, 0.3)
    _paint(skin, open_, np.minimum(0.55 + 0.35 * who.skin, 0.82))
    off = slant - 0.05 * how.gaze * head.side
    r2 = (off * off + v * v) * 110
    iris = _edge(1 - r2, 0.5) * open_
    _paint(skin, iris, who.eyes)
    _paint(skin, _edge(0.25 - r2, 0.3) * open_, 0.03)
    _paint(skin, _edge(0.12 - ((off - 0.03) ** 2 + (v + 0.03) ** 2) * 110, 0.2) * iris, 0.9)
    ends = _edge(1.25 - q2, 0.5)
    lashes = _bell(((v - upper) * (22 - 5 * who.makeup)) ** 2) * ends
    skin *= 1 - (0.62 + 0.25 * who.makeup) * lashes
    skin *= 1 - (0.2 + 0.25 * au[7]) * _bell(((v - lower) * 24) ** 2) * ends
    crease = _bell(((v - upper + 0.075 - 0.02 * au[4]) * 20) ** 2) * _edge(1.5 - q2, 0.6)
    skin *= 1 - (0.22 + 0.12 * au[5]) * crease
    relief += 0.012 * open_


def _paint_brows(skin, head, au, who):
    """Eyebrows: AU 1 lifts their inner ends, AU 2 the outer ones, AU 4 lowers and draws them together."""
    inner_end = 0.13 - 0.045 * au[4]
    along = (head.w - inner_end) * (1 / 0.47)
    outer = np.minimum(np.maximum(along, 0), 1)
    inner = 1 - outer
    v = head.v + 0.4 + who.brow_height + 0.05 * who.asymmetry * head.u
    path = -who.brow_arch * 4 * outer * inner + who.brow_tilt * (outer - 0.5)
    path = path - 0.19 * au[1] * inner * inner - 0.15 * au[2] * outer * (1.6 - outer) - 0.03 * au[5]
    path = path + au[4] * (0.06 + 0.13 * inner * inner) + 0.04 * au[9]
    thick = who.brow_thick * (1.1 - 0.55 * outer)
    hair = _bell(((v - path) / thick) ** 2 * 0.5) * _edge(along, 0.2) * _edge(1.02 - along, 0.25)
    _paint(skin, np.minimum(1.3 * hair, 1) * who.brow_tone, 0.8 * np.minimum(who.hair, 0.75 * who.skin))


def _paint_beard(skin, head, who):
    """Stubble to full beard on cheeks and chin, and a moustache; the lips are painted over it."""
    line = 0.36 - 0.55 * head.w * head.w
    grain = 0.75 + 0.25 * _wave(head.u * 9 + 3 * head.v)
    cheeks = _edge(head.v - line, 0.16) * (1 - 0.7 * _blob(head.u, head.v, 0, 0.52, 0.34, 0.2))
    lip = _blob(head.u, head.v, 0, 0.385, 0.36, 0.1)
    _paint(skin, who.beard * cheeks * grain, 0.9 * who.hair)
    _paint(skin, who.moustache * np.minimum(1.5 * lip, 1) * grain, 0.9 * who.hair)


def _paint_front_hair(skin, relief, head, who):
    """Hair on the head: above the hairline, at the temples, and down the sides when it is long."""
    sides = who.hairline + (0.4 + 0.5 * who.fringe) * head.w * head.w + who.parting * head.u
    crown = _edge(sides - head.v, 0.09)
    strip = _edge(head.w - 0.9 * who.width + 0.12 * who.long, 0.1)
    temples = strip * _edge(who.long * 2.2 - 0.15 - head.v, 0.2) * _edge(-who.hairline - 0.1, 0.1)
    hair = np.maximum(crown, temples * np.minimum(-who.hairline * 0.6 + 0.9, 1))
    strands = 0.84 + 0.18 * _wave(head.u * (3 + head.v) + head.v * (0.6 + 4 * who.parting))
    strands += 0.1 * _wave(head.u * 7.3 + head.v * 2)
    _paint(skin, hair, who.hair * strands)
    relief *= 1 - hair
    relief += 0.01 * hair * strands


def _paint_glasses(skin, head, who):
    """Frames with a bridge; with `shades` the glass is dark."""
    dx = (head.w - who.eye_gap) * (1 / 0.24)
    dy = (head.v + 0.19) * (1 / 0.175)
    r2 = dx * dx * dx * dx + dy * dy * dy * dy
    rim = _bell(((r2 - 1) * 1.4) ** 2)
    bridge = _bell(((head.v + 0.24) * 20) ** 2) * _edge(who.eye_gap - 0.22 - head.w)
    arms = _bell(((head.v + 0.24) * 22) ** 2) * _edge(head.w - who.eye_gap - 0.23)
    frame = np.minimum(1.4 * np.maximum(rim, np.maximum(bridge, arms)), 1)
    _paint(skin, who.shades * _edge(1 - r2, 0.4), 0.05 + 0.05 * dy)
    _paint(skin, who.glasses * frame, 0.08)


# ------------------------------------------------------------------ camera


def _paint_hiding(picture, head, who, how):
    """A hand, a scarf or a strand of hair over part of some faces."""
    rows = np.flatnonzero((how.hand + how.scarf + how.strand).ravel())
    if not len(rows):
        return
    x, y, part = head.x[rows], head.y[rows], picture[rows]
    here = {k: v[rows] for k, v in vars(how).items()}
    dx, dy = x - here["hide_x"], y - here["hide_y"]
    slant = dx + 0.2 * dy
    finger = slant * (1 / 0.2) - np.floor(slant * (1 / 0.2)) - 0.5
    tips = dy + 0.3 - 1.2 * (slant - 0.05) ** 2 - 0.5 * finger * finger
    hand = _edge(0.4 - np.abs(slant)) * _edge(tips)
    between = 1 - 0.55 * _bell(((np.abs(finger) - 0.5) * 6) ** 2) * _edge(0.35 - dy, 0.3)
    rounding = 1 - 0.35 * _bell((tips * 7) ** 2)
    flesh = 0.8 * who.skin[rows] * here["exposure"] * between * rounding * (1 - 0.4 * np.abs(slant))
    _paint(part, hand * here["hand"], flesh)
    cloth = _edge(y - here["hide_y"] - 0.12 * x * x + 0.1, 0.08)
    weave = 0.8 + 0.15 * _wave(x * 2 + y * 5) + 0.15 * _wave(x * 3.1 - y * 2)
    _paint(part, cloth * here["scarf"], here["hide_tone"] * weave)
    lock = _edge(0.13 - np.abs(dx + 0.45 * y + 0.2 * y * y)) * _edge(0.35 - y, 0.3)
    _paint(part, lock * here["strand"], who.hair[rows] * (0.8 + 0.5 * _wave(dx * 7)))
    picture[rows] = part


def _develop(picture, how, grain):
    """The camera: blur, contrast about mid grey, noise, and rounding to 0..255."""
    side = 0.34 * np.minimum(how.blur, 1)
    for before, middle, after in ((np.s_[:, :-2], np.s_[:, 1:-1], np.s_[:, 2:]),
                                  (np.s_[:, :, :-2], np.s_[:, :, 1:-1], np.s_[:, :, 2:])):  # fmt: skip
        mean = 0.5 * (picture[before] + picture[after])
        picture[middle] += (2 * side) * (mean - picture[middle])
    picture = 0.45 + how.contrast * (picture - 0.45)
    if grain is not None:
        picture += how.noise * grain
    return np.minimum(np.maximum(picture * 255 + 0.5, 0), 255).astype(np.uint8)
