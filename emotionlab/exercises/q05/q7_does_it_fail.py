"""Question 5.7: what to check when transfer learning seems to fail.

Title, points, task, model answer and rubric: solutions/05_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "5.7",
    hints=(
        "Which numbers did VGG16 see while it learned on ImageNet, and which does it see here?",
        "A frozen network can only offer features that it has. What lies between frozen and trained from scratch?",
        "For the proof: one change at a time, against which other run, and measured on which pictures?",
    ),
    right={
        "own_words": """
Before blaming the method I would look at what goes in. These weights expect grey levels up to 255 with a mean colour
removed; dividing by 255 turns every face into almost the same input, so the frozen layers have nothing to say.
Repair that first, alone, and measure again. Then let the classifier learn until it stops improving, which is cheap
once the features lie on disk. If that is still poor, photographs of dogs and cars may simply be far from tiny grey
portraits: release the last block with a small step size. I would report validation accuracy with its interval beside
an identical network that starts from nothing, and look at the held-out split a single time.
""",
        "list": "1. Input: wrong scale for VGG16. Put preprocess_input inside the model, nothing else, run again. "
        "2. Head: two epochs is hardly a start; cache the features and train thirty. "
        "3. Size: forty-eight pixels leave the last block almost no grid, so try ninety-six. "
        "4. Then unfreeze from the top with a rate of one in ten thousand. "
        "After each step compare with the step before on PublicTest, with confidence bars, and keep a run from random "
        "initial weights as the yardstick.",
    },
)
