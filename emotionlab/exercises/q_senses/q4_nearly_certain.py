"""Question senses.4: two programs that agree on a candidate.

Title, points, task, model answer and rubric: solutions/senses.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "senses.4",
    hints=(
        "The reckoning first: what must be true of two judges before one may multiply them?",
        "How frequent is fear in an interview, and what does a hit rate over all emotions say about it? What would you "
        "measure, and on whom?",
        "Then the purpose: what would even a perfect word for an expression tell about the person, and what does the "
        "law say about faces and voices in hiring?",
    ),
    right={
        "own_words": """
Two clocks that were set by the same person agree, and are both late. The camera and the microphone may have learnt
from one set of performers, so shared errors are likely; besides, being correct three times in four over everything can
go with being wrong about most rare alarms. Test it: strangers, joint failures, calibration, and the better sensor as
the rival. Yet the sum is beside the point, because someone may look frightened and feel merely concentrated, and
selecting staff by emotion from body data is banned in the Union. I would refuse, and say why in writing.
""",
        "list": "Reckoning: needs independence and honest probabilities; neither is shown. Rare class: fear happens "
        "seldom, thus a positive is mostly a false one. Evidence wanted: on new people, how frequently do both fail "
        "together, and does the combination beat the stronger sense with an interval? Meaning: expressions are shown, "
        "not feelings proven. Rules: biometric emotion inference in recruitment is illegal. Advice: stop, erase, ask "
        "about work.",
    },
)
