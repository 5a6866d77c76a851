"""Question 8.7: what a heat map shows, what it does not, and which checks to ask for.

Title, points, task, model answer and rubric: solutions/08_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "8.7",
    hints=(
        "Split it in three: what is in the picture, what the brochure adds, and what would change your mind.",
        "Which of these does a heat map know: the right answer, the cause, the feeling, or the place that moved the "
        "score?",
        "The lesson had checks that can fail: random weights, a planted patch, many pictures and not one, and an "
        "experiment that changes only one thing in the face.",
    ),
    right={
        "own_words": """
One glowing photo says where the score came from in that photo, with that model. Dividing by the largest value
guarantees a bright spot even if nothing matters much. Whether the answer was correct, whether the cause lies in
the mouth, or how the person felt: none of it is in there. I want hundreds of random faces including the failures,
then shuffled weights, then a bright sticker planted in the corner, and last the same face with only its lips changed.
""",
        "list": "Shows: pixels on which this score depends, for one picture, at the resolution of the last layer. "
        "Does not show: understanding, causes, truth, or stress itself, since a label is someone's opinion of a face. "
        "Checks: is the map different when the network is randomised? Does it find a patch that we put there? "
        "Does the average over all test faces look alike, also where the answer is wrong? Who chose the example?",
    },
)
