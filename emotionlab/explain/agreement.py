"""Do several networks look at the same places? Their maps of the same pictures, compared by rank."""

from collections.abc import Mapping
from itertools import combinations_with_replacement

import numpy as np

from emotionlab.base.arguments import array, kind_of, shown
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import IMAGE_SIZE

BLOCKS = 6
"""A map is compared in BLOCKS x BLOCKS places: 48 x 48 pixels of a map that was 6 x 6 or less say nothing more."""


def agreement(maps: dict):
    """Mean rank correlation (Spearman) of the maps of each two networks, -1 to 1.

    maps: network -> (N, 48, 48) its maps of the same N pictures, at least two, in the same order.

    Returns a DataFrame with a row (network, network) for each pair, a network with itself too, and two columns:
    `same picture` compares the two maps of one picture; `another picture` the map that the one network has of a
    picture with those that the other has of all other pictures. Only what the first is above the second is about
    the pictures: two networks that always answer "the middle" agree, whatever they are shown. A map that is the
    same everywhere has no ranks and is left out; NaN where nothing is left.
    Raises EmotionLabError for maps of other shapes.
    """
    import pandas as pd

    kind_of("maps", maps, Mapping, "a dict such as {'a network': its maps}", "see el.grad_cam")
    ranks = {name: _ranks(name, one) for name, one in maps.items()}
    if len({one.shape for one in ranks.values()}) != 1 or len(next(iter(ranks.values()))) < 2:
        found = ", ".join(f"{len(one)} of {name}" for name, one in ranks.items()) or "no network"
        raise EmotionLabError(f"Expected maps of the same pictures, at least two, for every network, found {found}.")
    rows = {}
    for one, other in combinations_with_replacement(ranks, 2):
        correlation = ranks[one] @ ranks[other].T  # (N, N); on the diagonal the same picture
        apart = ~np.eye(len(correlation), dtype=bool)
        rows[one, other] = {"same picture": _mean(correlation.diagonal()), "another picture": _mean(correlation[apart])}
    return pd.DataFrame(rows).T.rename_axis(["network", "and"])


def _ranks(name, maps) -> np.ndarray:
    """(N, places) ranks of the places in each map, centred and of length 1, so that a product is a correlation."""
    from scipy.stats import rankdata

    maps = array(f"the maps of {shown(name)}", maps, "numbers of shape (N, 48, 48)")
    if maps.ndim != 3 or maps.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise EmotionLabError(f"Expected maps of shape (N, 48, 48) for {shown(name)}, found {maps.dtype} {maps.shape}.")
    side = IMAGE_SIZE // BLOCKS
    places = maps.reshape(len(maps), BLOCKS, side, BLOCKS, side).mean(axis=(2, 4)).reshape(len(maps), -1)
    ranks = rankdata(places, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    return np.divide(ranks, length, out=np.full_like(ranks, np.nan), where=length > 0)


def _mean(correlations: np.ndarray) -> float:
    there = correlations[~np.isnan(correlations)]
    return float(there.mean()) if there.size else float("nan")
