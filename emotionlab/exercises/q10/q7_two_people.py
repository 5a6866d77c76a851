"""Question 10.7: two people try the demo.

Title, points, task, model answer and rubric: solutions/10_*.ipynb.
"""

from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "10.7",
    hints=(
        "Before they begin: what must they know so that their yes is a real one? Write the sentence down first.",
        "Give a task and keep quiet. Note what they do and their own words. Where it fails, ask which link it was: "
        "camera, detector, crop, network, smoothing, or the words on the page.",
        "One or two sentences each: what they were told and their answer, the task, what A did and said, what B did "
        "and said, the fault and its link, the change, and what two people cannot tell you.",
    ),
    right={
        "own_words": """
Two friends, asked on the phone first: "You will see yourself with a word beside your face, nothing is saved, the word
may be nonsense, leave whenever you like." Yes and yes.
Goal for each: find out what makes it change its mind. Friend one leaned back, the frame vanished, "it forgot me": the
detector needs a bigger face. Friend two laughed and got fear: "how rude". I looked at the crop, a lamp behind him made
it nearly black, so the camera was the weak link. Next version: a hint "more light, please" when the crop is dark, and a
third person tests that. From two I learn about buttons and hints, never how well it works for people in general.
""",
        "list": "Consent: explained that frames vanish at once, that labels are guesses, that stopping is fine; P and "
        "Q nodded, Q with the drawn picture only. Assignment: get three different words within two minutes, no help "
        "from me. P: searched for the start button for half a minute, muttered 'where is it hiding'. "
        "Q: read every sentence, asked 'who sees this?'. "
        "Cause: words on the page, since the network did fine; one flicker between sad and neutral came from "
        "smoothing. Repair: bigger button, privacy line on top, longer time constant; repeat next week with R. "
        "Names are changed, and two volunteers prove nothing about accuracy.",
    },
    wrong={
        "copied_instructions": (
            "Tell them what it does, that it is often wrong, what it keeps (nothing), and that they may stop at any "
            "time. They need not show their face: a drawn picture will do. Give a task and keep quiet, for instance: "
            "start it, make it say two different words, and tell me what you think it does. That is how we did it.",
            "repeats the task",
            "copied_task",
        ),
    },
)
