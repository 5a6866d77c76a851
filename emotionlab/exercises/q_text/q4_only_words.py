"""Question text.4: a program that reads the messages of a company.

Title, points, task, model answer and rubric: solutions/text.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "text.4",
    hints=(
        "Take the two sentences of the seller apart: one is about a number, the other about a law.",
        "Which texts was the number measured on, and who said what is right there? What would the program make of "
        '"not exactly thrilled"?',
        "The ban in the AI Act is about faces, voices and other biometric data. Does that make a guess from words any "
        "better as evidence about a colleague?",
    ),
    right={
        "own_words": """
Nine out of ten on what? Comments from a forum are not our chat, raters there guessed from one line, and a mean over
seven words hides anger, which is rare. I would feed it jokes, double negatives, Scottish slang and German. Suppose it
passed: it would still tell me how a stranger labels a sentence, while my colleague may feel something else. The
statute mentions bodies and voices because those are biometric; leaving words out is no seal of quality, and staff have
rights over their messages anyway. No, thank you: team leaders can talk to people.
""",
        "list": "Figure: ask for the data, the split, the single emotions, the uncertainty. Weak spots: irony, 'hardly "
        "a success', dialects it never read. Meaning: labels are opinions on text and not states of mind. Law: outside "
        "the emotion ban as no biometric input is used, yet covered by privacy and employment rules, and equally "
        "unreliable. Decision: refuse, since whoever is flagged wrongly pays, and offer an anonymous survey instead.",
    },
)
