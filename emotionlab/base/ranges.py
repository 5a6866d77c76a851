"""From whole numbers of any width to 8 bits, and what to say about numbers that are no grey values.

Nothing is guessed where a guess could make a picture black or white: what is not clear gets a sentence.
"""

import numpy as np

from emotionlab.base.errors import DataError


def to_eight_bits(values: np.ndarray, where: str, holds: int | None = None) -> np.ndarray:
    """Whole numbers as uint8.

    values: whole numbers of any width; up to 255 they are taken as they are, and where they reach more than half of
        what their type holds, their upper 8 bits are kept.
    where: such as "in photo.png", for the message. holds: the largest number of the type, where it is not the dtype's.

    Raises DataError for negative numbers and for what lies between, such as 12 bits in 16.
    """
    if values.dtype == bool:
        raise DataError(
            f"Expected a picture with grey values in 0..255, found True and False {where}; "
            "write 255 * picture.astype('uint8')."
        )
    if values.dtype == np.uint8:
        return values
    holds = holds or int(np.iinfo(values.dtype).max)
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if low < 0:
        why, expression = _for_range(low, high)
        raise DataError(
            f"Expected a picture with grey values in 0..255, found {low:,} to {high:,} {where}; {why}: {expression}."
        )
    if high <= 255:
        return values.astype(np.uint8)
    if high > holds:
        raise DataError(f"Expected values of at most {holds:,}, found {high:,} {where}; save the picture again.")
    if high <= holds // 2:
        bits = high.bit_length()
        raise DataError(
            f"Expected a picture whose values end at 255 or fill their type, found values that reach {high:,} {where}, "
            f"where the type holds {holds:,} (so it seems to have {bits} bits); save it with 8 bits, "
            f"or pass (picture // {2 ** (bits - 8)}).astype('uint8')."
        )
    return (values >> (holds.bit_length() - 8)).astype(np.uint8)


def colours_to_eight_bits(values: np.ndarray, where: str, holds: int | None = None) -> np.ndarray:
    """As `to_eight_bits`, for (H, W, 4) with transparency in the last channel, which has a range of its own."""
    if values.ndim != 3 or values.shape[2] != 4 or values.dtype == np.uint8:
        return to_eight_bits(values, where, holds)
    colours, alpha = to_eight_bits(values[..., :3], where), values[..., 3:]
    if alpha.min(initial=0) >= 0 and alpha.max(initial=0) > 255:
        alpha = (alpha >> (int(np.iinfo(alpha.dtype).max).bit_length() - 8)).astype(np.uint8)
    return np.concatenate([colours, to_eight_bits(alpha, where)], axis=2)


def found_and_way_out(values: np.ndarray, name: str = "picture") -> tuple[str, str, str]:
    """(what was found, what to do, the expression that does it) about numbers that are no grey values, by their range.

    Such as ("0 to 1", "multiply by 255", "255 * picture"); the result of the expression lies in 0..255.
    """
    if values.size == 0:
        return "nothing", "pass pixels", name
    if np.iscomplexobj(values):
        return "complex numbers", "take their real part", f"{name}.real"
    if not np.isfinite(values).all():
        return "NaN or infinity", "look where it comes from, or replace it", f"numpy.nan_to_num({name})"
    low, high = float(values.min()), float(values.max())
    return f"{low:.5g} to {high:.5g}", *_for_range(low, high, name)


def _for_range(low: float, high: float, name: str = "picture") -> tuple[str, str]:
    if low >= 0 and high <= 1:
        return "multiply by 255", f"255 * {name}"
    if low >= -1 and high <= 1:
        return "undo the normalisation to -1..1", f"({name} + 1) * 127.5"
    if low >= 0 and high <= 255:
        return "round them", name
    if low >= -128 and high <= 128 and max(-low, high) > 20:
        return "undo the shift of the middle to 0", f"{name} + 128"
    if low < 0:
        return "undo the normalisation with the mean and std that it was made with", f"{name} * std + mean"
    if 32767 < high <= 65535:
        return "bring 16 bits to 8", f"{name} / 257"
    return "divide by the largest value that is possible", f"255 * {name} / largest"
