"""Python's own functions, where a cell has put NumPy's of the same name in their place.

`%pylab` and `from numpy import *` do so without a word: then `round(7.2)` is 7.0, which is no size any more, and
`all(x > 0 for x in values)` is always true. Who writes plain Python is right all the same.
"""

import builtins
import sys
import types
from contextlib import contextmanager

import numpy as np

_OWN = {name: own for name, own in vars(builtins).items() if name in np.__all__ and getattr(np, name) is not own}


def hidden_names(answer) -> dict[str, object]:
    """Names of Python's own functions that mean NumPy's where `answer` was defined, with NumPy's function."""
    names = _names_around(answer)
    return {name: names[name] for name in _OWN if name in names and names[name] is getattr(np, name)}


@contextmanager
def own_names(answer):
    """Let those names mean Python's own functions for a while."""
    names, hidden = _names_around(answer), hidden_names(answer)
    names.update({name: _OWN[name] for name in hidden})
    try:
        yield
    finally:
        names.update(hidden)


def _names_around(answer) -> dict:
    """The global names of the cell or file that defined `answer`; of a notebook where nobody can tell."""
    return answer.__globals__ if isinstance(answer, types.FunctionType) else vars(sys.modules["__main__"])
