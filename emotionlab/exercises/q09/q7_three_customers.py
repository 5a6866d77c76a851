"""Question 9.7: three customers, the AI Act and the model card.

Title, points, task, model answer and rubric: solutions/09_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "9.7",
    hints=(
        "Take the three one by one. Where does it happen: at work, in education, elsewhere? Is a feeling inferred, or "
        "an expression detected?",
        "Open `el.model_card(run)` and look for a sentence for each: intended use, label noise, the recall of the one "
        "word that is needed, what was not measured.",
        "Write three sentences for each customer: the article or recital, one figure or gap of the card, your decision "
        "with a condition or a reason.",
    ),
    right={
        "own_words": """
I send the school away. Reading feelings off pupils is banned since February 2025, see 5(1)(f), and the card lists
education under uses that are ruled out; besides, the votes show how shaky even the word sad is. For the photo app I see
no problem: a grin is a visible movement, recital 18, and nobody claims that the person is glad. Before shipping I want
the recall for older people and for beards, because the card says groups were never measured. The mirror is a toy people
choose. Put up a sign, say that nothing is kept, and let it answer "not sure" often. I am no lawyer.
""",
        "list": "School - refused: emotions of students, Art. 5 (1) f, no medical purpose. Card: half of single "
        "taggers disagree. Camera - accepted: detects smiles, infers nothing (recital 18); happy has the narrowest "
        "interval and best recall. Mirror - accepted with a notice at the entrance (Art. 50), no storage, wording "
        "about expressions only, and an abstention threshold chosen on validation data. All three should be seen by "
        "someone from the legal department.",
    },
)
