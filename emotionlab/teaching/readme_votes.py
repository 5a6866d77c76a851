"""README's table of what learning from votes is worth, made from what is recorded."""

from typing import NamedTuple

import numpy as np

from emotionlab.data import ferplus
from emotionlab.evaluation import compare, percent, vote_scores, with_temperature
from emotionlab.evaluation.votes import cross_entropies
from emotionlab.runs import Run, reference
from emotionlab.teaching.readme_senses import markdown
from emotionlab.text.scoring import MultiReport, choose_thresholds, difference, score

LEAST = 2
"""So many of the ten people must have chosen an emotion that it counts as being in a picture."""


class Against(NamedTuple):
    """A run against the votes for PrivateTest. far: (N,) nats, the cross-entropy of each picture with a target.
    said: (N,) share of the people who say the run's word. named: how well it names what two of ten chose."""

    far: np.ndarray
    said: np.ndarray
    named: MultiReport


def votes_table() -> str:
    """Each network that learned votes, the same network on labels, and the difference, in Markdown.

    Before them stands the votes' own entropy, below which no cross-entropy can be. All are measured on PrivateTest;
    the thresholds from which on an emotion is named are chosen on PublicTest.
    """
    rows = [("Run", "Cross-entropy", "Say its word", "Macro F1: what two of ten chose", "Right by the label")]
    runs = [reference.load(name) for name in reference.names()]
    for run in (run for run in runs if run.recipe.targets == "votes"):
        twin = next(other for other in runs if is_twin(other, run))
        floor = vote_scores(run.probabilities("test"), ferplus.recorded_votes("test")).people_entropy
        ours, theirs = against_votes(run), against_votes(twin)
        rows += [("none comes nearer", f"{floor:.3f}", "", "", ""), _row(twin, theirs), _row(run, ours)]
        rows.append(_differences(run, twin, ours, theirs))
    return markdown(rows)


def is_twin(other: Run, run: Run) -> bool:
    """Whether `other` learned from smoothed labels what `run` learned from votes, and nothing else differs."""
    one, two = other.recipe.as_dict(), run.recipe.as_dict()
    differs = {key for key in two if one[key] != two[key]}
    alike = other.provenance["network"] == run.provenance["network"]
    return alike and differs == {"targets", "label_smoothing"}


def against_votes(run: Run) -> Against:
    """Measure a recorded run against the votes for PrivateTest."""
    parts = {}
    for split in ("validation", "test"):
        votes = ferplus.recorded_votes(split)
        probabilities = with_temperature(run.probabilities(split), 1.0)  # with more digits, as the elective has them
        shares, used = ferplus.vote_targets(votes)
        parts[split] = votes[used, :7] >= LEAST, probabilities[used], shares[used]
    thresholds = choose_thresholds(*parts["validation"][:2])
    there, probabilities, shares = parts["test"]
    said = shares[np.arange(len(shares)), probabilities.argmax(axis=1)]
    named = score(there, probabilities, thresholds, run.name)
    return Against(cross_entropies(shares, probabilities), said, named)


def _row(run: Run, measured: Against) -> tuple[str, ...]:
    report = run.report("test")
    low, high = measured.named.macro_f1_interval()
    accuracy, (least, most) = report.accuracy, report.accuracy_interval
    return (
        run.name,
        f"{measured.far.mean():.3f}",
        percent(measured.said.mean()),
        f"{measured.named.macro_f1:.3f} ({low:.3f} to {high:.3f})",
        f"{percent(accuracy)} ({100 * least:.1f} to {100 * most:.1f})",
    )


def _differences(run: Run, twin: Run, ours: Against, theirs: Against) -> tuple[str, ...]:
    """How far the run on votes is ahead, with 95 % intervals that compare the same pictures."""
    more, (low, high) = difference(ours.named, theirs.named)
    pair = compare([run, twin], split="test", tta="none").pair(run.name, twin.name)
    return (
        "difference",
        _mean(ours.far - theirs.far, 1, 3),
        f"{_mean(ours.said - theirs.said, 100, 1)} points",
        f"{more:+.3f} ({low:+.3f} to {high:+.3f})",
        f"{100 * pair.difference:+.1f} points ({100 * pair.interval[0]:+.1f} to {100 * pair.interval[1]:+.1f})",
    )


def _mean(values: np.ndarray, scale: float, digits: int) -> str:
    """A mean with its 95 % interval, of the normal distribution: the pictures are thousands."""
    mean, half = scale * values.mean(), scale * 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return f"{mean:+.{digits}f} ({mean - half:+.{digits}f} to {mean + half:+.{digits}f})"
