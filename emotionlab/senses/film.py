"""The short film that comes with the package: a drawn face with an actor's voice, so it shows no person.

    el.recognize_video(el.senses.FILM)

In the first two of its three parts face and voice agree; in the third the face smiles, and the voice is angry.
Made by `python -m emotionlab.labs film` from EMO-DB's recordings (CC0, see THIRD_PARTY.md).
"""

from pathlib import Path

FILM = Path(__file__).parent / "talk.webm"
