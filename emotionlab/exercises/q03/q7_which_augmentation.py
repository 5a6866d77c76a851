"""Question 3.7: which augmentation to accept, and how to find out whether it helps.

Title, points, task, model answer and rubric: solutions/03_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "3.7",
    hints=(
        "Ask two things of each: is the label still true afterwards? Could such a picture reach the network later?",
        "One of the four cannot do anything at all to a picture with a single channel. Which?",
        "For the second half: change one thing at a time, keep everything else, and say on which pictures you compare.",
    ),
    right={
        "own_words": """
Two questions decide. Would a person still give the new picture the same name, and will the camera ever
deliver something like it? Upside down fails the second question, so no. Covering a patch passes both, as
long as it is small: people wear glasses and hold a cup. The colour change is a no-op here, our arrays have
one channel. Heads tilt ten degrees, rarely more, so I would shrink the last one. Then one run with and one
without, everything else fixed, compared on PublicTest, three seeds each.
""",
        "list": "Head over heels: refuse, no webcam does that. "
        "Random rectangle: accept, it imitates hands and hair, and it stops the model from leaning on the mouth alone. "
        "Hue: pointless, since grey pixels have none. "
        "Sixty degrees: refuse or cut to fifteen, otherwise a smile may look like a slanted line. "
        "Proof: an ablation, one switch at a time, same number of epochs, judged by validation macro F1.",
    },
)
