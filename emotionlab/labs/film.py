"""`python -m emotionlab.labs film`: make the short film that is shipped, a drawn face with an actor's voice."""

from emotionlab.senses.film import FILM, film

SCENES = (("neutral", "neutral"), ("happy", "happy"), ("happy", "angry"))
"""What the face shows and what the voice says: they agree twice, and then they do not."""


def add_film(commands) -> None:
    """Add `film` to the labs' subcommands."""
    maker = commands.add_parser("film", help="make the short film that is shipped anew")
    maker.set_defaults(command=lambda chosen: print(f"✔ Made {film(FILM, SCENES)}"))
