"""The tabs of the app, and which of them somebody wants: quick to import, so that a wrong name is told at once."""

from emotionlab.base.arguments import shown
from emotionlab.base.errors import EmotionLabError

TABS = ("picture", "webcam", "video", "text", "voice")
"""The tabs in their order."""

FACES = ("picture", "webcam", "video")
"""Those that look for faces, and so need the network for faces."""


def chosen_tabs(only=None) -> tuple[str, ...]:
    """The tabs to show. only: None for all; names in a list, or in one text with commas, as in "text,voice".

    Raises EmotionLabError for a name that no tab has, and for no name at all.
    """
    if only is None:
        return TABS
    names = only.split(",") if isinstance(only, str) else only
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise EmotionLabError(f"Expected names of tabs ({', '.join(TABS)}), found {shown(only)}; give some of them.")
    wanted = {name.strip().lower() for name in names}
    unknown = sorted(wanted - set(TABS))
    if unknown or not wanted:
        found = ", ".join(map(repr, unknown)) or "none"
        raise EmotionLabError(f"Expected names of tabs ({', '.join(TABS)}), found {found}; give some of them.")
    return tuple(name for name in TABS if name in wanted)
