"""Question voice.4: a program that hears stress in the voices of a call centre.

Title, points, task, model answer and rubric: solutions/voice.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "voice.4",
    hints=(
        "Go through the three promises one by one: stress, every language, right in so many of a hundred.",
        "Who speaks in the test recordings, and did the network hear them before? Which people and rooms are missing "
        "from such a set?",
        "Suppose the figure were perfect. What does the EU AI Act say of emotions read from voices at work, and why "
        "does it matter that a voice is biometric?",
    ),
    right={
        "own_words": """
My first question: did anyone who is tested also speak in the training part? With chance drawing the rows, everybody
did, and such scores are known to fall by around ten points on strangers. Second, how does a trivial model do, and how
bad is the weakest emotion? Third, professionals pretended in a quiet booth, which says nothing about a tired colleague
with an accent on a bad line. Finally, the purpose itself is banned for workplaces in Europe since voices identify
people. So: do not buy; talk with the team and the union about workload instead.
""",
        "list": "Split: unknown speakers, please, and several folds with their deviation. Comparison: a logistic model "
        "on average loudness per band. Data: performers, one tongue, clean rooms; nothing about Turkish, Polish, "
        "fatigue, illness or headsets. Meaning: a shown state, not a felt one. Legal: biometric inference of emotions "
        "from employees is prohibited, so accuracy is beside the point. Proposal: decline, run an anonymous poll.",
    },
)
