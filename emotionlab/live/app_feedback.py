"""The form of `emotionlab app --feedback FILE`: was the word right, and five statements. Off without that option."""

import datetime
import html
from collections.abc import Callable

from emotionlab.base.answers import NOT_SURE
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.live import app_html as show
from emotionlab.live.feedback import NONE_OF_THESE, RIGHT, STATEMENTS, STEPS, FeedbackFile, checked_reply
from emotionlab.live.quiet_gradio import gr

_PRIVATE = {"api_visibility": "private"}
_QUIET = {**_PRIVATE, "show_progress": "hidden"}


def promise(file: FeedbackFile) -> str:
    """What the page says while feedback is on."""
    return (
        "**Feedback is on.** After an answer the end of this page asks whether the word was right, which one you would "
        f"have said, and five statements. *Keep my reply* adds a row to the file `{file.path.name}` on this computer: "
        "the date, the kind of input, the network's word, and what you ticked; never a picture, a sound, a text or a "
        "name. You may refuse: leave it, or press *No, thank you*."
    )


class Form:
    """The questions below the tabs; hidden until there is an answer. file: where the replies go."""

    def __init__(self, file: FeedbackFile):
        self.file = file
        self.last = gr.State(None)  # (input, the network's word) of the last answer
        with gr.Column(visible=False, elem_id="feedback") as self.box:
            gr.Markdown("### Was it right?")
            self.about = gr.HTML()
            self.right = gr.Radio(list(RIGHT), label="Was the word right?")
            self.person = gr.Radio([*EMOTIONS, NONE_OF_THESE], label="Which one would you have said?")
            steps = [(f"{number} {words}", number) for number, words in enumerate(STEPS, 1)]
            self.marks = [gr.Radio(steps, label=statement) for statement in STATEMENTS.values()]
            with gr.Row():
                keep = gr.Button("Keep my reply", variant="primary")
                refuse = gr.Button("No, thank you")
        self.told = gr.HTML(elem_id="feedback-told")
        self.questions = [self.right, self.person, *self.marks]
        keep.click(self.keep, [self.last, *self.questions], [self.told, self.box], **_PRIVATE)
        refuse.click(self.refuse, None, [self.told, self.box], **_PRIVATE)

    def follow(self, events, kind: str, word: Callable, source) -> None:
        """Ask after each answer. events: what gives one; word: from the value of `source` to the network's word."""
        for event in events:
            self._then_empty(event.then(lambda value: self.asked(kind, word(value)), source, self._shown(), **_QUIET))

    def follow_voice(self, panel: "gr.HTML") -> None:
        """Ask after each answer of the tab Voice, which comes with its "submit"."""

        def ask(event: gr.EventData):
            return self.asked("voice", event.emotion)

        self._then_empty(panel.submit(ask, None, self._shown(), **_QUIET))

    def _shown(self) -> list:
        return [self.last, self.about, self.box, self.told]

    def _then_empty(self, event) -> None:
        """Nothing stays ticked; in a step of its own, since a hidden question keeps what it shows."""
        event.then(lambda: [None] * len(self.questions), None, self.questions, **_QUIET)

    def asked(self, kind: str, said: str | None) -> list:
        """What the form shows after an answer; hidden where there was none."""
        said = said if said in (*EMOTIONS, NOT_SURE) else None
        words = f"The network's answer to the {kind}: <b>{html.escape(said or '')}</b>."
        return [(kind, said) if said else None, f"<p>{words}</p>", gr.update(visible=bool(said)), ""]

    def keep(self, last, right, person, *marks) -> tuple:
        """Keep a reply, or say what is missing in it."""
        try:
            if last is None:
                raise EmotionLabError("There is no answer yet to say something about.")
            self.file.keep(checked_reply(datetime.date.today().isoformat(), *last, right, person, marks))
        except EmotionLabError as trouble:
            return show.problem(str(trouble)), gr.update()
        return show.said("Thank you. Your reply was kept."), gr.update(visible=False)

    @staticmethod
    def refuse() -> tuple:
        """Hide the form and keep nothing."""
        return show.said("Nothing was kept."), gr.update(visible=False)


def word_of_faces(crops: list) -> str | None:
    """The word for the largest face, of what the tab Picture remembers."""
    if not crops:
        return None
    words = crops[0][0].partition(": ")[2]
    return next(word for word in (*EMOTIONS, NOT_SURE) if words.startswith(word))
