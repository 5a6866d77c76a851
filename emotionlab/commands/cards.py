"""Model cards: what a run is, what it was measured to do, and what it must not be used for.

The headings are those of Mitchell et al. (2019, "Model Cards for Model Reporting", arXiv 1810.03993). Every figure
is read from the run itself or from the recorded survey of its data; nothing is filled in by hand.
"""

import json
import re
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.base.files import write_whole
from emotionlab.base.outputs import keep_apart
from emotionlab.base.settings import runs_dir
from emotionlab.commands.cards_senses import CARDS
from emotionlab.evaluation import BINS, confidence_interval, percent, score
from emotionlab.runs import FILES, Run, load_run, read_arrays
from emotionlab.runs.heads import is_head

FEW_PICTURES = 100
"""A class with fewer pictures than this is named among the limits."""

UNKNOWN = "not recorded"


def model_card(run) -> str:
    """A model card in Markdown, from the run's own provenance, recipe and predictions.

    run: a Run, or the name or folder of one (`emotionlab.load_run` finds it); "text" and "voice" are the course's
        networks for words and voices, unless a run of one's own is called so.
    Works for a run without test predictions too, and says so. Raises RunError when the run is not whole.
    """
    if _is_of_the_course(run):
        return CARDS[run]()
    run = run if isinstance(run, Run) else load_run(run)
    known = run.provenance
    for name in ("data", "versions"):
        if not isinstance(known.get(name, {}), dict):
            raise RunError(run.unusable("provenance.json", f"{name} that are no list of names and values"))
    pictures = known.get("data", {}).get("pictures", {})
    if not isinstance(pictures, dict) or not all(type(count) is int for count in pictures.values()):
        raise RunError(run.unusable("provenance.json", "pictures that are no names and whole numbers"))
    if not isinstance(known.get("network", ""), str):
        raise RunError(run.unusable("provenance.json", "a network that is no name"))
    parts = (
        _head(run, known),
        _details(run, known),
        _INTENDED_USE,
        _FACTORS,
        _data(run, known),
        _training(run, known),
        _results(run, known),
        _LAW,
        _limits(run, known),
        _SOURCES,
    )
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _is_of_the_course(run) -> bool:
    """True of the names in `CARDS`, where no run of one's own has the name."""
    return isinstance(run, str) and run in CARDS and not (runs_dir() / run).is_dir()


# ---------------------------------------------------------------------------------- sections


def _head(run: Run, known: dict) -> str:
    what = f"This card describes one trained network, the run {_code(run.name)}"
    return (
        f"# Model card: {_text(run.name)}\n\n"
        f"{what}, which gives a picture of a face one of seven words: {', '.join(EMOTIONS)}. It was written by "
        "`emotionlab card` from the files of the run. The headings follow Mitchell et al. (2019)."
    )


def _details(run: Run, known: dict) -> str:
    parameters = known.get("parameters")
    rows = {
        "Network": _code(known.get("network", UNKNOWN)),
        "Parameters": f"{parameters:,}" if isinstance(parameters, int) else UNKNOWN,
        "Start of the training": _initialisation(known),
        "Input": "grey pictures of 48 x 48 pixels, values 0 to 255; the network normalises by itself",
        "Output": f"seven logits, one for each word, in the order {', '.join(EMOTIONS)}",
        "Weights": _weights(run),
        "Made": _text(known.get("made", UNKNOWN)),
        "Course version": _text(known.get("versions", {}).get("emotionlab", UNKNOWN)),
    }
    return "## Model details\n\n" + _table(("what", "value"), rows.items())


def _initialisation(known: dict) -> str:
    from emotionlab.models.weights import CREDITS

    start, network = str(known.get("initialisation", UNKNOWN)), known.get("network")
    if start == "random":
        return "**random weights**; nothing was learned beforehand, so this is not transfer learning"
    if start in ("imagenet", "keras"):
        learned = "weights learned on ImageNet, photographs of things collected from the web"
        return f"{learned} ({CREDITS[network]})" if start == "imagenet" and network in CREDITS else learned
    if start.startswith("run "):
        return f"what an earlier training had learned, the run {_code(start.removeprefix('run '))}"
    return UNKNOWN if start == UNKNOWN else f"weights from the file {_code(start)}"


def _weights(run: Run) -> str:
    path = run.folder / "weights.npz"
    if not path.is_file():
        return "not kept, only the figures; the command below trains it again"
    arrays = read_arrays(path)
    if is_head(arrays):
        return "the head alone is kept in the run; the backbone's are the ImageNet weights of the course"
    form = "in 8 bits with a scale for each output channel" if any("_scale" in n for n in arrays) else "as float16"
    return f"kept in the run {form}, {path.stat().st_size / 1e6:.1f} MB"


_INTENDED_USE = """
## Intended use

**Meant for** learning and teaching how such networks are built, measured and doubted, and for comparing methods on
the same data.

**Not meant for, and not to be used for:**

- saying what somebody *feels*: the output is a word for a picture, not a state of mind (Barrett et al. 2019)
- anything at work or in education: hiring, grading, attention, exams, supervision
- any decision about a person: security, borders, police, credit, insurance, care, health
- pictures of people who have not agreed, and pictures of children without their parents' consent
- identifying people, or guessing their age, gender, origin or health
"""

_FACTORS = """
## Factors: for whom does it work?

**Not measured.** The data do not say who is shown: no age, gender, skin tone, culture, glasses or disability is
recorded, so nobody can say from these figures for whom the network works worse. Published studies of other
systems and data sets found differences: by race (Rhue 2018), by gender, race and age (Xu et al. 2020), by gender
in the labels themselves (Chen & Joo 2021). Take a difference for likely until it has been measured.
"""


def _data(run: Run, known: dict) -> str:
    data = known.get("data", {})
    pictures = data.get("pictures", {})
    counts = ", ".join(f"{n:,} {_text(name)}" for name, n in pictures.items()) or UNKNOWN
    name = str(data.get("name", UNKNOWN))
    lines = [f"**{_DATA_NAMES.get(name, _text(name))}**: {counts} pictures."]
    if name == "drawn":
        lines.append(
            "The faces are drawn by a program from facial action units. No person is shown, and **no figure on this "
            "card says how the network does on photographs**."
        )
    elif name == "fer2013":
        lines += _about_fer2013(pictures)
    lines.append(f"SHA-256 of the training and validation pictures and labels: {_code(data.get('checksum', UNKNOWN))}")
    return "## Training and evaluation data\n\n" + "\n\n".join(lines)


_DATA_NAMES = {"fer2013": "FER-2013 (Goodfellow et al. 2013)", "drawn": "Drawn faces"}


def _about_fer2013(pictures: dict) -> list[str]:
    from emotionlab.data import ferplus, surveying

    survey, votes = surveying.recorded(), ferplus.recorded_figures()["measures"]["all"]
    counts, plurality = survey["counts"]["train"], votes["plurality"]
    rarest, commonest = min(counts, key=counts.get), max(counts, key=counts.get)
    fear = votes["classes"]["fear"]["single_winner"]
    lines = [
        "Photographs found by image search in 2013, cut to the face, grey, 48 x 48 pixels. The people shown were not "
        "asked, and the data set has no clear licence.",
        f"- **Imbalance.** {counts[commonest]:,} training pictures of {commonest}, {counts[rarest]:,} of {rarest}.\n"
        f"- **Leaks.** {survey['leaked']['test']:,} of {survey['splits']['test']:,} test pictures "
        f"({percent(survey['leaked_share']['test'])}) and {survey['leaked']['validation']:,} of "
        f"{survey['splits']['validation']:,} validation pictures also lie, pixel for pixel, in the training set. "
        "Figures on all pictures are a little too good; see those on the pictures that did not leak.\n"
        f"- **Conflicts.** {survey['conflicting_groups']} groups of identical pictures carry different labels.\n"
        f"- **Label noise.** FER+ asked ten people about each of {votes['pictures']:,} pictures (Barsoum et al. 2016). "
        f"For {percent(votes['never_chosen']['share'])} none of the ten chose the label. The label has the most votes "
        f"for {percent(plurality['ties_lost'])} to {percent(plurality['ties_kept'])}, by how ties count. One tagger "
        f"drawn at random agrees with it {percent(votes['random_tagger'])} of the time. Of the {fear['pictures']:,} "
        f"pictures labelled fear on which the taggers had one winner, fear won {percent(fear['share'])}.",
    ]
    if pictures != survey["splits"]:
        lines.append("This run used other numbers of pictures; the four points describe the whole data set.")
    return lines


def _training(run: Run, known: dict) -> str:
    versions = known.get("versions", {})
    commit = str(known.get("commit") or UNKNOWN)
    rows = {
        "Command": _code(known.get("command", UNKNOWN)),
        "Commit": _code(commit.removesuffix("+changes"))
        + (" with changes that were not committed" if commit.endswith("+changes") else ""),
        "Seed": _text(known.get("seed", UNKNOWN)),
        "Epochs": _text(known.get("epochs_trained", UNKNOWN)),
        "Time": f"{_text(known['minutes'])} minutes" if "minutes" in known else UNKNOWN,
        "Hardware": _text(known.get("hardware", UNKNOWN)),
        "Precision": _text(known.get("precision", UNKNOWN)),
        "Backend": _text(known.get("backend", UNKNOWN)),
        "Versions": ", ".join(f"{_text(k)} {_text(v)}" for k, v in versions.items()) or UNKNOWN,
    }
    recipe = json.dumps(run.recipe.as_dict(), indent=1)
    return (
        "## Training\n\n"
        + _table(("what", "value"), rows.items())
        + f"\n\nThe whole recipe (`el.Recipe??` explains each entry):\n\n```json\n{recipe}\n```"
    )


# ---------------------------------------------------------------------------------- figures


_METRICS = """
**Accuracy** is the share of right answers, with a 95 % Wilson interval. **Macro F1** is the plain mean over the seven
words, with a 95 % bootstrap interval. **ECE** is the expected calibration error (Guo et al. 2017). The intervals
cover the choice of pictures, not another seed or other data.
"""


def _results(run: Run, known: dict) -> str:
    recorded = _recorded_predictions(run)
    parts = ["## Metrics and results", _METRICS.strip("\n")]
    rows = []
    for split, tta in recorded:
        report = run.report(split, tta)
        views = "with its mirror image" if tta == "flip" else "as it is"
        rows.append((_SPLITS[split], views, f"{len(report):,}", *_headline(report)))
        leaked = _leaked(run, split) if tta == "none" else None
        if leaked is not None:
            clean = score(report.labels[~leaked], report.probabilities[~leaked])
            rows.append((f"{_SPLITS[split]} that did not leak", views, f"{len(clean):,}", *_headline(clean)))
    if rows:
        head = ("pictures", "each picture", "number", "accuracy", "macro F1", "ECE")
        parts.append(_table(head, rows))
    if ("test", "none") not in recorded:
        parts.append(
            "**The test pictures were not measured.** The figures come from the validation pictures, on which "
            f"choices may have been made. Measure once, at the end: `el.evaluate({json.dumps(run.name)}, faces.test)`."
        )
    split = next((s for s in ("test", "validation") if (s, "none") in recorded), None)
    if split is None:
        return "\n\n".join([*parts, "**No predictions are recorded, so there is nothing to report.**"])
    report = run.report(split)
    parts += [
        f"### Each word, {_SPLITS[split]}",
        _per_class(report),
        _worst(report),
        "### Calibration",
        _calibration(report, split),
    ]
    return "\n\n".join(part for part in [*parts, _against_people(run, split)] if part)


_SPLITS = {"test": "test pictures", "validation": "validation pictures"}


def _recorded_predictions(run: Run) -> list[tuple[str, str]]:
    """The (split, tta) that the run holds probabilities and labels for, test first."""
    path = run.folder / "predictions.npz"
    if not path.is_file():
        raise RunError(run.missing(path.name))
    arrays = read_arrays(path)
    return [
        (split, tta)
        for split in ("test", "validation")
        for tta in ("none", "flip")
        if f"{split}_{tta}" in arrays and f"{split}_labels" in arrays
    ]


def _leaked(run: Run, split: str) -> np.ndarray | None:
    """Mask of the leaked pictures, or None where the pictures are not those of FER-2013 in the recorded order."""
    from emotionlab.labs.leaks import leaked_pictures

    if run.provenance.get("data", {}).get("name") != "fer2013":
        return None
    try:
        return leaked_pictures(split, run.labels(split))
    except RunError:
        return None


def _headline(report) -> tuple[str, str, str]:
    low, high = report.accuracy_interval
    f1_low, f1_high = report.macro_f1_interval()
    return (
        f"{percent(report.accuracy)} ({percent(low)} to {percent(high)})",
        f"{report.macro_f1:.3f} ({f1_low:.3f} to {f1_high:.3f})",
        f"{report.ece:.3f}",
    )


def _per_class(report) -> str:
    rows = []
    for k, (emotion, row) in enumerate(report.per_class.iterrows()):
        support = int(row.support)
        between = "no picture"
        if support:
            low, high = confidence_interval(int(report.confusion[k, k]), support)
            between = f"{low:.3f} to {high:.3f}"
        rows.append((emotion, f"{support:,}", f"{row.recall:.3f}", between, f"{row.precision:.3f}", f"{row.f1:.3f}"))
    head = ("word", "pictures", "recall", "95 % interval of the recall", "precision", "F1")
    return _table(head, rows)


def _worst(report) -> str:
    worst = report.worst_pairs(3)
    if worst.empty:
        return ""
    said = [f"{p.true} taken for {p.predicted} ({percent(p.share, 0)} of {p.true})" for p in worst.itertuples()]
    frequent = EMOTIONS[int(np.bincount(report.labels, minlength=len(EMOTIONS)).argmax())]
    base = percent(float(np.bincount(report.labels).max() / len(report)))
    return f"Most frequent mistakes: {'; '.join(said)}. Always answering {frequent} would be right for {base}."


def _calibration(report, split: str) -> str:
    sure = float(report.confidences.mean(dtype="float64"))
    gap = 100 * (sure - report.accuracy)
    verdict = "about as sure as it is right" if abs(gap) < 1 else ("too sure" if gap > 0 else "not sure enough")
    return (
        f"On the {_SPLITS[split]} it is {percent(sure)} sure on average and right for {percent(report.accuracy)}: "
        f"{verdict}. ECE {report.ece:.3f} in {BINS} bins. Do not read its probabilities as chances of a feeling."
    )


def _against_people(run: Run, split: str) -> str:
    """What the FER+ taggers say to the run's answers, where the pictures are the recorded ones in their order."""
    from emotionlab.data import ferplus

    if _leaked(run, split) is None:
        return ""
    labels, votes = run.labels(split), ferplus.recorded_votes(split)
    shares = votes / votes.sum(axis=1, keepdims=True)
    everyone = np.arange(len(votes))
    of_network = float(shares[everyone, run.report(split).predictions].mean())
    of_label = float(shares[everyone, labels].mean())
    return (
        "### Against people\n\n"
        f"One of ten FER+ taggers, drawn at random, gives the network's answer for {percent(of_network)} of the "
        f"{_SPLITS[split]}, and the label of FER-2013 for {percent(of_label)}. A higher accuracy means more agreement "
        "with the label, which is not the same as being right about a face."
    )


# ---------------------------------------------------------------------------------- the rest

_LAW = """
## Ethical considerations and the law

This is a summary for a classroom and **not legal advice**.

- **EU AI Act**, Regulation (EU) 2024/1689. Article 3(39): a system meant to infer emotions from biometric data is an
  *emotion recognition system*. Article 5(1)(f) **prohibits** AI that infers the emotions of a person at the workplace
  and in education, except for medical or safety reasons, since 2 February 2025. Recital 18: merely detecting an
  obvious expression, such as a smile or a frown, is not meant, unless it serves to infer an emotion. Article 50(3):
  people exposed to such a system must be told, from 2 August 2026.
- **In a classroom** the webcam demo is therefore run only on oneself, on one's own machine, with nothing stored, sent
  or graded; a bundled picture is the default, and nobody has to take part.
- A face is personal data. Whoever records one needs the person's consent and a reason.
"""


def _limits(run: Run, known: dict) -> str:
    lines = [
        "The seven words are a choice of the data set. Most faces show something else, several things, or nothing.",
        "One still picture has no situation, no voice, no before and after, which people use.",
        "One training with one seed. Another seed gives other figures; the intervals do not cover that.",
        "Expect it to do worse on pictures from another camera, crop or light; measure before relying on it.",
        "It always answers, also for pictures without a face, unless a threshold lets it stay silent.",
    ]
    if known.get("data", {}).get("name") == "fer2013":
        lines.insert(0, "It learned the labelling habits of one data set, its mistakes included.")
    if str(known.get("initialisation")) == "random":
        lines.append("It started from random weights: compare it with pre-trained networks only under that name.")
    lines += _few_pictures(run)
    return "## Caveats and recommendations\n\n" + "\n".join(f"- {line}" for line in lines)


def _few_pictures(run: Run) -> list[str]:
    recorded = _recorded_predictions(run)
    if not recorded:
        return []
    split = recorded[0][0]
    counts = np.bincount(run.labels(split), minlength=len(EMOTIONS))
    few = [f"{EMOTIONS[k]} ({n:,})" for k, n in enumerate(counts) if n < FEW_PICTURES]
    if not few:
        return []
    return [f"Few {_SPLITS[split]} of {', '.join(few)}: their figures are rough, see the intervals."]


_SOURCES = """
## Sources

- Barrett, Adolphs, Marsella, Martinez & Pollak 2019, *Emotional Expressions Reconsidered*, doi 10.1177/1529100619832930
- Barsoum et al. 2016, FER+, arXiv 1608.01041
- Chen & Joo 2021, arXiv 2108.08504; Rhue 2018, SSRN 3281765; Xu et al. 2020, arXiv 2007.10075
- Goodfellow et al. 2013, FER-2013, arXiv 1307.0414
- Guo et al. 2017, arXiv 1706.04599; Mitchell et al. 2019, arXiv 1810.03993
- Regulation (EU) 2024/1689 (Artificial Intelligence Act)
"""


# ---------------------------------------------------------------------------------- Markdown


def _text(value) -> str:
    """Any value as plain Markdown text on one line: nothing in it is markup, a link or HTML."""
    line = re.sub(r"\s+", " ", str(value)).strip()
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"([\\`*_{}\[\]#|~!$])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+.)])(?=\s|$)", r"\1\\\2", line)  # or it would begin a list


def _code(value) -> str:
    """Any value as `code` on one line, also inside a table; backticks in it are fenced by more of them."""
    line = re.sub(r"\s+", " ", str(value)).strip().replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


# ---------------------------------------------------------------------------------- the command


def write_card(run, path: str | Path, force: bool = False) -> Path:
    """Write the model card of `run` to `path`, whole or not at all, and return the path.

    Raises RunError when the run is not whole, EmotionLabError when the file is there already (unless `force`) or
    cannot be written.
    """
    path = file_path("--out", path)
    if path.is_dir() or not path.parent.is_dir():
        found = "a folder" if path.is_dir() else f"no folder {path.parent}"
        raise EmotionLabError(f"Expected a file name for the card in a folder that exists, found {found} at {path}.")
    if path.exists() and not force:
        raise EmotionLabError(
            f"Expected no file at {path} yet, found one; choose another name, or write over it with --force."
        )
    if not _is_of_the_course(run):
        run = load_run(run)
        keep_apart({"the card": path}, {f"{name} of the run": run.folder / name for name in FILES})
    text = model_card(run)
    try:
        write_whole(path, text.encode())
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to write {path}, found: {problem.strerror or problem}; choose another folder."
        ) from None
    return path


def add_card(commands) -> None:
    """Add `emotionlab card RUN` to the commands."""
    parser = commands.add_parser("card", help="write a model card of a run: its figures, its limits, its uses")
    parser.add_argument("run", metavar="RUN", help="name or folder of a run, yours or a recorded one; text, voice")
    parser.add_argument("--out", metavar="FILE", help="a Markdown file to write (default: print the card)")
    parser.add_argument("--force", action="store_true", help="write over the file if it is there already")
    parser.set_defaults(command=_card)


def _card(chosen) -> None:
    if chosen.out is None:
        print(model_card(chosen.run), end="")
    else:
        print(f"✔ {write_card(chosen.run, chosen.out, force=chosen.force)}")
