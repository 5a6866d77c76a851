"""Model cards of the course's networks for words and for voices: `emotionlab card text`, `emotionlab card voice`.

As in `cards`, every figure is read from the recorded run; nothing is filled in by hand.
"""

import json

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.evaluation import percent


def text_card() -> str:
    """The card of the network that `el.TextReader` reads with, in Markdown."""
    from emotionlab.text import difference, recorded

    run = recorded.load(recorded.SHIPPED)
    report, linear = run.report("test"), recorded.load("linear").report("test")
    low, high = report.macro_f1_interval()
    more, (least, most) = difference(report, linear)
    rows = [
        (name, f"{row.texts:,.0f}", f"{row.f1:.3f}", f"{row.f1_low:.3f} to {row.f1_high:.3f}", f"{row.threshold:.3f}")
        for name, row in report.per_class.iterrows()
    ]
    head = ("word", "test texts", "F1", "95 % interval", "named from")
    results = (
        f"Macro F1 on {len(report.labels):,} test texts: **{report.macro_f1:.3f}** ({low:.3f} to {high:.3f}, "
        f"bootstrap). A linear model on counts of words has {linear.macro_f1:.3f}; the network has "
        f"{abs(100 * more):.1f} points {'more' if more > 0 else 'less'} "
        f"({100 * least:+.1f} to {100 * most:+.1f}, paired), so the two are "
        f"{'not told apart by these texts' if least <= 0 <= most else 'told apart by these texts'}. The thresholds "
        "were chosen on the validation texts.\n\n" + _table(head, rows)
    )
    return _card("text", run.provenance, _TEXT, results)


def voice_card() -> str:
    """The card of the network that `el.VoiceListener` listens with, in Markdown."""
    from emotionlab.sound import recorded

    run = recorded.load(recorded.SHIPPED)
    table = run.table()
    rows = [
        (column.replace("_", ", folds at "), f"{table[column]['mean']:.3f}", f"{table[column]['std']:.3f}")
        for column in table
    ]
    said = run.probabilities("cnn").argmax(axis=1)
    recalls = [
        (name, f"{int((run.labels == i).sum()):,}", f"{np.mean(said[run.labels == i] == i):.3f}")
        for i, name in enumerate(run.classes)
    ]
    sexes = ", ".join(f"{who} {value:.3f}" for who, value in run.by_sex().items())
    parts = [
        "Unweighted average recall over five folds by speaker; every recording was judged by a network that had never "
        "heard its speaker. (The network that is shipped was then trained on all ten speakers.)",
        _table(("model", "mean over folds", "deviation"), rows),
        _table(("word", "recordings", "recall, by speaker"), recalls),
        f"Unweighted average recall: {sexes}. Five people each: only a large difference would show.",
        *_elsewhere(run.provenance.get("elsewhere", {})),
        f'Below a probability of {run.threshold:.2f} the answer is "not sure" (chosen on validation folds).',
    ]
    return _card("voice", run.provenance, _VOICE, "\n\n".join(parts))


CARDS = {"text": text_card, "voice": voice_card}
"""The names that `emotionlab card` knows besides those of runs."""


def _elsewhere(measured: dict) -> list[str]:
    """What the network does on other recordings, a sentence a data set."""
    told = []
    for name, found in measured.items():
        recalls = ", ".join(f"{word} {percent(value, 0)}" for word, value in found["recall"].items())
        chance = 1 / len(found["recall"])
        told.append(
            f"**Other people, another language.** On {found['recordings']:,} recordings of {name.upper()} (English) "
            f"with the same four emotions: {found['uar']:.3f} (chance: {chance:.2f}); recalls: {recalls}."
        )
    return told


def _card(name: str, known: dict, words: dict[str, str], results: str) -> str:
    facts = {
        "Parameters": f"{known['parameters']:,}",
        "Start of the training": "random weights",
        "Weights": "in the package, 8 bits with a scale for each output channel",
        "Made": known["made"],
        "Command": f"`{known['command']}`",
        "Commit": f"`{known['commit']}`",
        "Minutes, hardware": f"{known['minutes']} min, {known['hardware']}",
        "Versions": ", ".join(f"{one} {version}" for one, version in known["versions"].items()),
        "SHA-256 of the data": f"`{known['data']['sha256']}`",
    }
    recipe = json.dumps(known["recipe"], indent=1)
    parts = [
        f"# Model card: {name}\n\n{words['what']} It was written by `emotionlab card {name}` from the recorded run. "
        "The headings follow Mitchell et al. (2019).",
        f"## Model details\n\n{words['network']}\n\n{_table(('what', 'value'), facts.items())}",
        f"## Intended use\n\n{words['use']}",
        f"## Factors: for whom does it work?\n\n{words['factors']}",
        f"## Training and evaluation data\n\n{words['data']}",
        f"## Training\n\nThe whole recipe:\n\n```json\n{recipe}\n```",
        f"## Metrics and results\n\n{results}",
        f"## Ethical considerations and the law\n\n{words['law']}",
        f"## Caveats and recommendations\n\n{words['limits']}",
        f"## Sources\n\n{words['sources']}\n- Mitchell et al. 2019, arXiv 1810.03993\n"
        "- Regulation (EU) 2024/1689 (Artificial Intelligence Act)",
    ]
    return "\n\n".join(parts) + "\n"


def _table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


_NOT_FOR = (
    "Meant for learning and teaching how such networks are built, measured and doubted. **Not to be used** for saying "
    "what somebody *feels*, for anything at work or in education, for any decision about a person, nor on {what} of "
    "people who have not agreed."
)

_TEXT = {
    "what": "This card describes the network with which the course reads texts: for each of seven words "
    f"({', '.join(EMOTIONS)}) it says how probable it is that raters would give it to an English comment.",
    "network": "Vectors of tokens, a convolution over three neighbours, four weighted means (attention), one dense "
    "layer. Input: the first 40 tokens of a text. Output: seven logits; the sigmoid of each stands by itself.",
    "use": _NOT_FOR.format(what="messages"),
    "factors": "**Not measured.** Nothing is known of who wrote the comments. The raters were few for each comment, and"
    " read English in one country. Other Englishes, dialects and languages are foreign to the network; half of the "
    "words unknown gives *not sure*, fewer give no warning. Comments are sometimes cruel to groups of people: it "
    "may have learnt to call a sentence angry because a group is named.",
    "data": "GoEmotions (Demszky et al. 2020) in Ekman's grouping, official splits. Comments from the web, several"
    " labels each; joy is called happy, writers' names are masked. A few dozen test texts, mostly thanks, also stand "
    "in the training texts.",
    "law": "This is a summary for a classroom and **not legal advice**. Article 5(1)(f) of the EU AI Act prohibits "
    "inferring emotions at work and in education from *biometric* data (Article 3(39)). A text alone is not "
    "biometric, and no better evidence; data protection and labour law hold. A text taken together with a face or"
    " a voice is another matter.",
    "limits": "- *Not happy* it often takes for happy, irony at its word, and a wish for the thing.\n"
    "- A word for a sentence is not the feeling of its writer.\n"
    "- Emotions with few test texts have wide intervals.\n"
    "- One training with one seed; the intervals do not cover that.",
    "sources": "- Demszky et al. 2020, GoEmotions, arXiv 2005.00547\n- Lin et al. 2017, arXiv 1703.03130",
}

_VOICE = {
    "what": "This card describes the network with which the course listens to voices: it divides its answer among four "
    "words, angry, happy, sad and neutral. Of disgust, fear and surprise it says nothing (NaN).",
    "network": "Four convolutions on a log-mel spectrogram (48 bands, three seconds), then mean, deviation and maximum "
    "over time, and one dense layer.",
    "use": _NOT_FOR.format(what="voices"),
    "factors": "Women and men are compared below, and nothing else is known of the speakers. Ten actors, one language, "
    "one studio: accents, dialects, other languages, children, the old, hoarse and sick voices were never heard.",
    "data": "EMO-DB (Burkhardt et al. 2005): 339 German sentences, acted by five women and five men in a studio, four "
    "emotions; the same sentences for all emotions. Actors show what they were asked for: no figure here is about"
    " people who do not act.",
    "law": "This is a summary for a classroom and **not legal advice**. A voice is biometric data. Article 5(1)(f) of "
    "the EU AI Act **prohibits** AI that infers emotions from it at work and in education, except for medical or "
    "safety reasons, since 2 February 2025; elsewhere people must be told (Article 50(3), from 2 August 2026). In"
    " class: only one's own voice, nothing stored, nothing graded, a bundled voice by default.",
    "limits": "- It always divides its whole answer among four words, also for a frightened voice, a door or music.\n"
    "- Another room, microphone or language changes the answers; see the figures for English.\n"
    "- Happy and angry voices are mixed up.\n"
    "- One training with one seed, ten speakers; the deviation over folds shows how much two speakers matter.",
    "sources": "- Burkhardt et al. 2005, A Database of German Emotional Speech, Interspeech\n"
    "- Park et al. 2019, arXiv 1904.08779; Snyder et al. 2018, doi 10.1109/ICASSP.2018.8461375",
}
