"""Question 1.7: what a label says, and what it does not say.

Title, points, task, model answer and rubric: solutions/01_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "1.7",
    hints=(
        "Think of the last time somebody took a photo of you. Would a stranger guess what you felt?",
        "Three people take part: the one in the picture, the one who labelled it, and the reader of the prediction. "
        "What does each of them know?",
        "Write one sentence each: what the label is, who gave it, another reading of the same face, what a network "
        "with a perfect score has learned.",
    ),
    right={
        "own_words": """
Fear is here the name of a folder. Somebody clicked it after a quick look, without sound, without
the story before or after, and without asking the woman in the photo. Perhaps she saw a spider,
perhaps she plays in a film, perhaps she laughs a second later. My model copies that click, so I
would call its output "looks like what taggers call fear" and never "she is afraid".
""",
        "list": "1. It is an opinion: an annotator chose one of seven words for a small grey photo. "
        "2. The annotator could not know the cause, the culture or the situation, only the pixels. "
        "3. Wide eyes and an open mouth are shared by surprise, so a second annotator may disagree. "
        "4. Training on it teaches a program to predict opinions, and its score tells how well it does that.",
    },
)
