"""Question mixed.4: what a mixture of answers says of a person.

Title, points, task, model answer and rubric: solutions/mixed.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "mixed.4",
    hints=(
        "Whose answers were learned? Say in one sentence what `0.6` predicts.",
        "What would have to be asked, and of whom, to know a mixture of feelings? And what would you measure before "
        "you believed the shares themselves?",
        "Then the use: who is hurt by a wrong share, what would be honest on the screen, and what does the law say "
        "where people work or learn?",
    ),
    right={
        "own_words": """
Sixty in a hundred strangers would pick that word for the picture, nothing more. How many feelings there were, and
which, only the employee could report, and nobody asked. I would first hold the shares against fresh ballots for new
faces, by group of people, and look at the doubtful ones apart, since an average can be fine while all hard pictures are
misjudged. On the screen I would write "onlookers would be divided" or leave it blank. For staff or pupils it is banned
in Europe, kind motives or not; elsewhere people must know and agree. My advice: do not ship it.
""",
        "list": "Meaning: a forecast of how raters split, learnt from crowd workers. Not meaning: parts of an emotion "
        "inside somebody. Evidence needed: votes for unseen pictures, cross-entropy compared with their own entropy, "
        "and separately for torn ones. Whose view: those raters', so another country may split differently. Wording: "
        "'some would say sad, some neutral'. Law: support staff are at work, thus emotion inference from faces is "
        "prohibited in the Union. Conclusion: offer a button for the caller instead.",
    },
)
