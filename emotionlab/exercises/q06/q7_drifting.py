"""Question 6.7: a frozen network that changes.

Title, points, task, model answer and rubric: solutions/06_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "6.7",
    hints=(
        "Which numbers of a batch norm layer does a gradient change, and which change in another way?",
        "Follow one face through the network twice: once among seven others in training mode, once in validation. "
        "Where do the two ways part?",
        "Write three parts: what moves although it is frozen (and why eight makes it worse); the switch to turn and "
        "what must follow it; two runs that differ in that switch alone.",
    ),
    right={
        "own_words": """
Kernels and biases are frozen, yes, but the two running statistics of every normalisation layer are not
weights that a gradient touches: each batch drags them along. Eight faces are few, so they wobble. The
head meets features scaled by the present batch, and in validation it meets others, scaled by the dragged
averages. Remedy: switch these layers to inference while the backbone is frozen. Evidence: same seed, same
data, one run with the switch on and one with it off, judged on validation; plus the moving means, before
and after, which must not change by a single bit.
""",
        "list": "1. Cause: moving mean and variance are updated in training mode, so the 'frozen' features change from "
        "epoch to epoch, and training normalises by batch while testing normalises by the averages. "
        "2. Small batches make both worse, since a mean over eight pictures is noisy. "
        "3. Change: trainable=False on those layers, then compile. "
        "4. Proof: an ablation with three seeds where only this differs, compared on held-out pictures.",
    },
)
