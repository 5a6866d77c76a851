"""Question 4.7: which of two recorded runs to ship, and for what use.

Title, points, task, model answer and rubric: solutions/04_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "4.7",
    hints=(
        "Begin with the use: who reads the output, and which mistake hurts more, a missed disgust or a false one?",
        "Compare what the accuracy says with what the recall of each class and the macro F1 say. How wide are the "
        "intervals?",
        "Write one sentence each: the use and its costly mistake, the numbers that speak for your choice, what the "
        "intervals leave open, what you would measure next, on which pictures.",
    ),
    right={
        "own_words": """
I imagine a mirror in a museum that names the face a visitor pulls. Everybody pulls disgust there, so missing
it every second time would be embarrassing, and a wrong guess only makes people laugh. Class weights should
find more of it and pay with precision, and I would check that they do. With so few validation examples the
ranges overlap a lot, so I cannot be sure that it is better at all. First I would repeat both with other
seeds, then look at the reliability diagram, and PrivateTest comes last.
""",
        "list": "Use: counting smiles in my own holiday videos. Costly mistake: calling a grin something else. "
        "For that the plain augmented run is better, its accuracy is higher and happy is the class I need. "
        "Disgust hardly occurs, so gains there are worth nothing to me, and they may be noise: few samples, broad "
        "bars. Still missing: several seeds, calibration on my videos. Decision on validation, test once.",
    },
)
