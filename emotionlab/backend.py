"""The old name of `emotionlab.base.backend`, kept for notebooks that use it."""

import sys

from emotionlab.base import backend

sys.modules[__name__] = backend
