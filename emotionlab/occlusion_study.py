"""The old name of `emotionlab.explain.study`, kept for notebooks that use it."""

import sys

from emotionlab.explain import study

sys.modules[__name__] = study
