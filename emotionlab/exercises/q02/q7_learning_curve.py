"""Question 2.7: read a learning curve.

Title, points, task, model answer and rubric: solutions/02_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "2.7",
    hints=(
        "Cover the right half of the plot with your hand. What do the two curves say? Then take the hand away.",
        "One curve is about pictures that the network has seen many times, the other about pictures it has never "
        "trained on. Which of the two tells how it will do on your own photo?",
        "Write one sentence each: what falls together, what parts and why (it has a name), which epoch to keep and "
        "which data to choose it with, two remedies.",
    ),
    right={
        "own_words": """
Left of the turn the network finds things all faces share, so new faces profit as well. Right of it
there is nothing general left to find with these pictures, and it learns noise by heart: overfitting.
Early stopping on the validation curve would keep the weights from its lowest point. Dropout and more
varied training pictures would delay the turn. The test pictures stay in the drawer until the end.
""",
        "list": "- Before the turn: both go down, the model generalises. "
        "- After the turn: the gap opens, the model memorises its training pictures and is sure of wrong answers. "
        "- Keep: the epoch where validation loss is smallest, since validation pictures were not trained on. "
        "- Delay it with flips and shifts of the pictures, with weight decay, or with fewer filters.",
    },
)
