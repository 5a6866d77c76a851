"""Question 7.7: decide which model to use in the webcam demo, and argue it.

Title, points, task, model answer and rubric: solutions/07_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "7.7",
    hints=(
        "Begin with the use: who sees the output, and which mistake is costly? Then name your model and its rival.",
        "Which rows of the two matrices speak for your model, and which against it? Does the paired interval leave "
        "out zero, in accuracy and in macro F1?",
        "One sentence each: use and costly mistake, model and rival, the paired evidence, the rows of the matrix, the "
        "cost, the threshold, what one seed cannot say, what would change your mind.",
    ),
    right={
        "own_words": """
Use: a mirror on my desk, for myself alone. Embarrassing is a confident wrong word, a blank is fine.
I choose the largest of our own networks over the one with oversampling. On PublicTest they disagree on many faces
and the larger one wins those about two to one; the bootstrap range does not touch zero, macro F1 agrees. Its rows
for happy, surprise and neutral are clean, while fear leaks into sad, so fear gets a dash unless it is very sure.
It needs more milliseconds, still far below a frame. Unknown: another seed, and my dim lamp. If a smaller one came
within a point over three seeds, I would switch, because size matters on a phone.
""",
        "list": "1. A photo game for children at home: a missed disgust face spoils the joke, so recall of rare "
        "emotions counts. "
        "2. Oversampled instead of augmented: accuracy is undecided between the two (exact test far from 0.05), macro "
        "F1 is clearly higher, the disgust row goes from nearly empty to mostly found. "
        "3. Same size, same speed, so cost does not decide. "
        "4. Below the threshold it shows a question mark. "
        "5. One seed only, seven models compared, web photos: I would repeat with three seeds before I believe it.",
    },
)
