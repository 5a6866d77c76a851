"""The one kind of error that a learner is meant to read."""


class EmotionLabError(Exception):
    """A problem the reader can do something about.

    Its message is one sentence that says what was expected, what was found and what to do next.
    The command line prints that sentence alone and exits with code 2; a notebook shows it as the
    last line of a short traceback.
    """

    def __init__(self, message: str = ""):
        super().__init__(" ".join(str(message).splitlines()))  # a path may hold a line break


class DataError(EmotionLabError, ValueError):
    """A file or an array does not hold the pictures it should hold."""


class RunError(EmotionLabError, ValueError):
    """A run folder, a recipe or a set of weights cannot be used as asked."""
