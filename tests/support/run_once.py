"""A benchmark without the measuring, for the quick test that each file of benchmarks has."""


class Once:
    """Stands for pytest-benchmark's `benchmark`: what would be measured many times runs once."""

    stats = None

    def __init__(self):
        self.extra_info = {}

    def __call__(self, function, *arguments, **named):
        return function(*arguments, **named)

    def pedantic(self, function, args=(), kwargs=None, **_):
        return function(*args, **(kwargs or {}))
