"""What questions 4.2 and 4.3 share: the hidden confusion matrices."""

import numpy as np


def matrices(seed):
    """Three confusion matrices. In the first, class 1 is never predicted; in the second, class 4 has no picture.

    In the third, class 2 occurs nowhere, class 3 has one picture and class 5 is predicted once, both rightly.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for size in (9, 25, 6):
        matrix = rng.integers(0, size, (7, 7)) + np.diag(rng.integers(20, 90, 7))
        cases.append(matrix)
    cases[0][:, 1] = 0
    cases[1][4, :] = 0
    cases[2][[2, 3], :], cases[2][:, [2, 5]] = 0, 0
    cases[2][3, 3] = cases[2][5, 5] = 1
    return [(matrix,) for matrix in cases]
