"""Question small_from_large.5: a pupil that agrees with its teacher.

Title, points, task, model answer and rubric: solutions/small_from_large.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "small_from_large.5",
    hints=(
        "Agreeing is not being right. What happens to the 96 where the teacher is wrong?",
        "On which pictures might the four lie? Think of rare emotions and of groups of people. Which pictures, with "
        "whose labels, would you measure on?",
        "Then the photos: what were they stored for, and does a picture stop being one of a person because nobody "
        "labelled it?",
    ),
    right={
        "own_words": """
A copy of a bad map is a bad map. Where the big model errs and the little one follows, the figure goes up, so it tells
nothing about truth. Get fresh faces, let several raters name them, run the two side by side and count who wins where,
emotion by emotion and group by group; I expect the loss to sit in whatever was scarce. The earlier audit does not carry
over, though the earlier faults do. As for the pictures: storing is one thing, training another, and the persons in them
gave no permission. Ask, or delete; until then no release.
""",
        "list": "Claim one: 96 % is agreement, errors included; demand accuracy on newly annotated images, paired, "
        "with intervals. Claim two: disparities can hide inside the remaining 4 %, for instance elderly faces or fear; "
        "repeat the audit, knowing that bias travels from teacher to pupil. Claim three: unlabelled does not mean "
        "nobody's; customers trusted a backup service, the use changed, consent is absent. Decision: stop.",
    },
)
