"""The app's tab Text: which emotions the network reads in a text, and which words moved it."""

import contextlib
import functools

from emotionlab.base.errors import EmotionLabError
from emotionlab.live import app_html as show
from emotionlab.live.gate import Gate
from emotionlab.live.quiet_gradio import gr

EXAMPLES = ("What a lovely day, thank you!", "My cat died last night.", "Oh great, another Monday.")
"""Texts for a first try, written for this app. The last is meant ironically; the network takes it at its word."""

PRIVACY = (
    "**What you type is read in memory and forgotten.** It goes to the program on this computer that shows this page, "
    "is written to no file, and nobody else gets it."
)

NOTE = """
### Before you use this on anybody's words

- **A word for a text is not a feeling.** The network compares words with labels that other people gave to short
  English comments from the web. It does not know who writes, to whom, or what came before, and takes irony at its word.
- **Use it on your own words**, or on those of people who agreed. Nobody has to take part.
- **Decide nothing about a person with it**: not at work, not at school, not about health, credit or safety. The
  European Union's ban on inferring emotions at work and in education (Regulation (EU) 2024/1689, Article 5(1)(f))
  speaks of biometric data, which a text alone is not. It is no better evidence for that.
- **It is not equally right for everybody**: dialects, other languages and young people's words are strange to it.
"""


class TextCalls:
    """What the tab does, without the page around it. Safe to share between visitors: nothing is remembered."""

    def __init__(self):
        from emotionlab.text.reader import TextReader

        self.reader, self._gate = TextReader(), Gate()

    def read(self, text) -> tuple[str, str]:
        """One text: the answer with its bars, and which words moved it (HTML)."""
        if not text or not text.strip():
            return show.problem("There is no text yet. First write a sentence."), ""
        try:
            with self._gate:
                answer = self.reader(text)
        except EmotionLabError as trouble:
            return show.problem(str(trouble)), ""
        told = f"The network reads: {answer.text}. {answer.note}"
        return show.said(told) + show.seven(answer), show.moved_words(answer)

    def word(self, text) -> str | None:
        """The word that `read` gives a text, or None where it gives none."""
        with contextlib.suppress(EmotionLabError):
            return self.reader(text or "").emotion
        return None

    def run_bundled(self) -> str:
        """What the callback says of an example, in words. Errors come through."""
        return f"“{EXAMPLES[0]}”: {self.reader(EXAMPLES[0]).text}"

    def about(self) -> str:
        """Which network this is, what it learnt from, how often it is right: HTML."""
        from emotionlab.text import recorded

        run = recorded.load(self.reader.name)
        report, known = run.report("test"), run.provenance
        texts = known["data"]["texts"]
        facts = [
            (
                "Network",
                f"{run.name}: {known['parameters']:,} parameters, from random weights; in NumPy",
            ),
            (
                "Learned from",
                f"GoEmotions (Demszky et al. 2020) in Ekman's grouping: {texts['train']:,} short English comments from "
                "the web, whose writers were not asked; three or more people labelled each",
            ),
            (
                "Right",
                f"macro F1 {report.macro_f1:.2f} on {texts['test']:,} test texts, from 0 to 1; on your texts nobody "
                "has measured it",
            ),
            (
                "Several at once",
                "each emotion has its own threshold, chosen on other texts: ◀ marks those that reach it",
            ),
            ("“Not sure”", "where no emotion reaches its threshold, and where fewer than half of the words are known"),
        ]
        return show.facts(facts)


def text_tab(calls: TextCalls) -> tuple:
    """The tab's page; its events that give an answer, and the box with the text."""
    with gr.Row():
        with gr.Column(scale=2):
            box = gr.Textbox(lines=4, label="A text in English; the first 40 words and signs are read", elem_id="text")
            start = gr.Button("Read it", variant="primary")
            gr.Markdown("Or an example, written for this page:")
            examples = [gr.Button(text, size="sm") for text in EXAMPLES]
            gr.Markdown(PRIVACY)
        with gr.Column(scale=3):
            bars = gr.HTML(elem_id="text-bars")
            words = gr.HTML(elem_id="text-words")
    options = {"concurrency_limit": 40, "concurrency_id": "texts"}
    reads = [start.click(calls.read, box, [bars, words], api_name="text", **options)]
    for text, button in zip(EXAMPLES, examples, strict=True):
        read = functools.partial(_example, calls, text)
        reads.append(button.click(read, None, [box, bars, words], api_visibility="private", **options))
    return reads, box


def _example(calls: TextCalls, text: str) -> tuple[str, str, str]:
    return text, *calls.read(text)
