"""Several runs on the same pictures: are they really different, and what does each cost?

    comparison = compare(["augmented", "scratch_cnn"])
    comparison                                    # a table: accuracy, macro F1, parameters, minutes
    comparison.pair("scratch_cnn", "augmented")   # one sentence: McNemar's test and the difference
    comparison.measure_latency()                  # fills the column of milliseconds

Two runs that saw the same pictures are compared picture by picture (paired), which tells apart what
two separate intervals cannot. Tests and intervals come from SciPy.
"""

import html
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import choice, kind_of, shown, whole_number
from emotionlab.base.errors import RunError
from emotionlab.metrics.scoring import CLASSES, Report, percent, score

RESAMPLES = 2000
"""Bootstrap resamples of an interval: its ends then move by about a tenth of a point with the seed."""

SEED = 0
"""Seed of every bootstrap here, so that the same runs give the same interval."""

MEASURED = ("accuracy", "accuracy_low", "accuracy_high", "macro_f1", "macro_f1_low", "macro_f1_high")
COSTS = ("parameters", "megabytes", "milliseconds", "minutes")
"""The columns of `Comparison.table`; between these two groups stands "initialisation"."""


def compare(runs, split: str = "test", tta: str = "flip") -> "Comparison":
    """Put runs side by side that predicted the same pictures.

    runs:  a list of at least two names or Runs; or a dict of name -> a name, a Run, a Report, or
           (labels, probabilities) with labels (N,) in 0..6 and probabilities (N, 7).
    split: "test" or "validation", and tta: "flip" or "none": which recorded predictions of a Run are
           read. Reports and arrays are taken as they are.

    Raises RunError for fewer than two runs, for two of the same name, for a run without such
    predictions, and when the runs did not see the same pictures in the same order.
    """
    choice("split", split, ("test", "validation"), RunError)
    choice("tta", tta, ("flip", "none"), RunError)
    found = _by_name(runs)
    reports = {name: _report(name, run, split, tta) for name, run in found.items()}
    (first, reference), *others = reports.items()
    for name, report in others:
        _check_same_pictures(first, reference, name, report)
    return Comparison(reports, {name: _Cost.of(run) for name, run in found.items()})


def _by_name(runs) -> dict:
    """Name -> what was given for it, with names of runs replaced by the runs."""
    from emotionlab.runs import load_run

    if isinstance(runs, dict):
        pairs = list(runs.items())
    elif isinstance(runs, list | tuple):
        pairs = [(run if isinstance(run, str) else getattr(run, "name", repr(run)), run) for run in runs]
    else:
        raise RunError(f"Expected a list of runs, found {shown(runs)}; pass at least two names in a list.")
    names = [str(name) for name, _ in pairs]
    if len(set(names)) < len(names) or len(names) < 2:
        raise RunError(
            f"Expected at least two runs of different names, found {', '.join(names) or 'none'}; name each run once."
        )
    return {
        name: load_run(run) if isinstance(run, str | Path) else run for name, (_, run) in zip(names, pairs, strict=True)
    }


def _report(name: str, run, split: str, tta: str) -> Report:
    if not isinstance(run, type) and callable(getattr(run, "report", None)):
        run = run.report(split, tta)
    if isinstance(run, tuple) and len(run) == 2:
        run = score(*run)
    if not isinstance(run, Report):
        raise RunError(
            f"Expected a run, a report or a pair (labels, probabilities) for {name!r}, found {shown(run)}; "
            "pass one of these."
        )
    return Report(run.labels, run.probabilities, name)


def _check_same_pictures(first: str, reference: Report, name: str, report: Report) -> None:
    if len(report) != len(reference):
        raise RunError(
            f"Expected runs on the same pictures, found {len(reference):,} pictures in {first!r} and {len(report):,} "
            f"in {name!r}; measure both on the same split."
        )
    differ = int((report.labels != reference.labels).sum())
    if differ:
        raise RunError(
            f"Expected runs on the same pictures in the same order, found {differ:,} of {len(report):,} labels of "
            f"{name!r} to differ from those of {first!r}; measure both on the same split, in its own order."
        )


# ---------------------------------------------------------------------------------- the table


@dataclass
class _Cost:
    """What a run costs, as far as it is known, and where its network can be built from."""

    initialisation: str | None = None
    parameters: int | None = None
    minutes: float | None = None
    milliseconds: float | None = None
    run: object = None

    @staticmethod
    def of(run) -> "_Cost":
        made = getattr(run, "provenance", None)
        if not isinstance(made, dict):  # a report or a pair of arrays, which says nothing about its network
            return _Cost()
        return _Cost(made.get("initialisation"), made.get("parameters"), made.get("minutes"), run=run)

    @property
    def megabytes(self) -> float | None:
        """Size of the weights as float32: four bytes a parameter, in MB of 2**20 bytes."""
        return None if self.parameters is None else self.parameters * 4 / 2**20


@dataclass(eq=False, repr=False)
class Comparison:
    """Runs on the same pictures. Make one with `compare`, which checks that they are the same.

    reports: name -> Report, in the order given.
    """

    reports: dict[str, Report]
    _costs: dict[str, _Cost] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the runs, in the order given."""
        return list(self.reports)

    @cached_property
    def _measured(self) -> dict[str, tuple[float, ...]]:
        return {
            name: (r.accuracy, *r.accuracy_interval, r.macro_f1, *r.macro_f1_interval(RESAMPLES, SEED))
            for name, r in self.reports.items()
        }

    @property
    def table(self):
        """DataFrame with a row for each run.

        accuracy, accuracy_low, accuracy_high: 0 to 1, with the 95 % Wilson interval.
        macro_f1, macro_f1_low, macro_f1_high: 0 to 1, with the 95 % bootstrap interval.
        initialisation: where its first weights came from, such as "random" or "imagenet".
        parameters; megabytes: the weights as float32 (four bytes each, 2**20 bytes a megabyte).
        milliseconds: for one picture on this machine, None until `measure_latency()`.
        minutes: of training, on the hardware that the run's provenance names.
        The last five are None for what came as a report or as arrays.
        """
        import pandas as pd

        rows = [
            {
                **dict(zip(MEASURED, self._measured[name], strict=True)),
                "initialisation": cost.initialisation,
                **{column: getattr(cost, column) for column in COSTS},
            }
            for name, cost in self._costs.items()
        ]
        return pd.DataFrame(rows, index=pd.Index(self.names, name="run"))

    def measure_latency(self, repeats: int = 30) -> "Comparison":
        """Time each network on one picture here, and return this comparison with `milliseconds` filled.

        The median over `repeats` calls of `predict_on_batch`, which is compiled, after three calls to
        warm up. Networks of the same make are timed once. Where a run ships no weights its network gets
        random ones: they cost the same time.
        """
        from tqdm.auto import tqdm

        repeats = whole_number("repeats", repeats, at_least=1)
        makes = defaultdict(list)
        for name, cost in self._costs.items():
            if cost.run is not None:
                made = cost.run.provenance
                makes[made.get("network"), cost.parameters, _input_size(made)].append((name, cost))
        for alike in tqdm(makes.values(), desc="Timing", unit="network", delay=3, leave=False):
            name, cost = alike[0]
            milliseconds = latency(_network(name, cost.run), repeats)
            for _, cost in alike:
                cost.milliseconds = milliseconds
        return self

    def pair(self, a: str, b: str) -> "Pair":
        """Run `a` against run `b`, picture by picture; every difference is a minus b."""
        for name in (a, b):
            choice("a run of a pair", name, self.names, RunError)
        return Pair(self.reports[a], self.reports[b])

    @property
    def agreement(self):
        """DataFrame, runs by runs: the share of pictures (0 to 1) to which both give the same answer.

        Right or wrong does not matter here. Runs that agree less have more to gain from an ensemble.
        """
        import pandas as pd

        answers = np.stack([report.predictions for report in self.reports.values()])
        shares = (answers[:, None] == answers[None]).mean(axis=2)
        return pd.DataFrame(shares, index=pd.Index(self.names, name="run"), columns=self.names)

    def ensemble(self, names: list[str] | None = None) -> Report:
        """The Report of the mean of the runs' probabilities: of `names`, or of all runs.

        Its price is the sum of the prices. Raises RunError for an unknown name or an empty list.
        """
        names = self.names if names is None else names
        kind_of("names", names, (list, tuple), "a list of names", f"choose among {', '.join(self.names)}", RunError)
        unknown = [
            name if isinstance(name, str) else shown(name)
            for name in names
            if not isinstance(name, str) or name not in self.reports
        ]
        if unknown or not names:
            raise RunError(
                f"Expected some of the runs {', '.join(self.names)}, found {', '.join(unknown) or 'none'}; "
                "choose among them."
            )
        chosen = [self.reports[name] for name in names]
        mean = np.mean([report.probabilities for report in chosen], axis=0)
        return score(chosen[0].labels, mean, f"mean of {len(chosen)} runs")

    def _shown(self):
        """The table as text, the way a person reads it."""
        import pandas as pd

        table = self.table
        text = pd.DataFrame(index=table.index)
        text["accuracy (95 % interval)"] = [
            f"{percent(r.accuracy)} ({percent(r.accuracy_low)} to {percent(r.accuracy_high)})"
            for r in table.itertuples()
        ]
        text["macro F1 (95 % interval)"] = [
            f"{r.macro_f1:.3f} ({r.macro_f1_low:.3f} to {r.macro_f1_high:.3f})" for r in table.itertuples()
        ]
        text["initialisation"] = [value or "unknown" for value in table.initialisation]
        formats = {"parameters": "{:,.0f}", "megabytes": "{:.1f}", "milliseconds": "{:.1f}", "minutes": "{:.0f}"}
        for column, form in formats.items():
            text[column] = ["–" if pd.isna(value) else form.format(value) for value in table[column]]
        return text

    def _title(self) -> str:
        pictures = len(next(iter(self.reports.values())))
        return f"{len(self.reports)} runs on the same {pictures:,} pictures"

    def __repr__(self) -> str:
        return f"{self._title()}\n{self._shown().rename_axis(None).to_string()}"

    def _repr_html_(self) -> str:
        text = self._shown()
        head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in ("run", *text.columns))
        rows = "".join(_html_row(name, row) for name, row in zip(text.index, text.to_numpy(), strict=True))
        return (
            f"<table><caption>{self._title()}. Megabytes: the weights as float32. Milliseconds: one picture on this "
            "machine, after measure_latency(). Minutes: of training.</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def _html_row(name: str, values) -> str:
    cells = "".join(f"<td>{html.escape(value)}</td>" for value in values)
    return f'<tr><th scope="row">{html.escape(name)}</th>{cells}</tr>'


# ---------------------------------------------------------------------------------- two runs


@dataclass(frozen=True, eq=False, repr=False)
class Pair:
    """Two runs on the same pictures, compared picture by picture. Every difference is a minus b."""

    report_a: Report
    report_b: Report

    @property
    def a(self) -> str:
        """Name of the first run."""
        return self.report_a.name

    @property
    def b(self) -> str:
        """Name of the second run."""
        return self.report_b.name

    @property
    def only_a(self) -> int:
        """Pictures that a gets right and b gets wrong."""
        return int((self.report_a.correct & ~self.report_b.correct).sum())

    @property
    def only_b(self) -> int:
        """Pictures that b gets right and a gets wrong."""
        return int((self.report_b.correct & ~self.report_a.correct).sum())

    @property
    def both(self) -> int:
        """Pictures that both get right."""
        return int((self.report_a.correct & self.report_b.correct).sum())

    @property
    def neither(self) -> int:
        """Pictures that both get wrong."""
        return len(self.report_a) - self.both - self.only_a - self.only_b

    @property
    def p_value(self) -> float:
        """McNemar's exact test (McNemar 1947), two-sided; 1 where the runs never differ.

        If a and b were equally good, each picture on which only one is right would be a fair coin:
        this is the chance of a split at least as lopsided as only_a against only_b.
        """
        from scipy.stats import binomtest

        differing = self.only_a + self.only_b
        return float(binomtest(self.only_a, differing, 0.5).pvalue) if differing else 1.0

    @property
    def difference(self) -> float:
        """Accuracy of a minus accuracy of b, -1 to 1."""
        return self.report_a.accuracy - self.report_b.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval (low, high) of `difference`, by paired bootstrap."""
        return self._interval(0)

    @property
    def macro_f1_difference(self) -> float:
        """Macro F1 of a minus macro F1 of b, -1 to 1."""
        return self.report_a.macro_f1 - self.report_b.macro_f1

    @property
    def macro_f1_interval(self) -> tuple[float, float]:
        """95 % interval (low, high) of `macro_f1_difference`, by paired bootstrap."""
        return self._interval(1)

    @cached_property
    def _bootstrap(self) -> tuple[np.ndarray, np.ndarray]:
        """Low and high ends, (9,) each, for the figures of `figures_of`; 2,000 resamples, seed 0."""
        from scipy.stats import bootstrap

        if len(self.report_a.labels) < 2:
            raise RunError("Expected at least two pictures for an interval, found one; compare on more.")

        def difference(labels, a, b, axis):
            return figures_of(labels, a) - figures_of(labels, b)

        # the percentile interval (Efron & Tibshirani 1993, ch. 13); paired: the three arrays are drawn together
        found = bootstrap(
            (self.report_a.labels, self.report_a.predictions, self.report_b.predictions),
            difference,
            paired=True,
            vectorized=True,
            method="percentile",
            n_resamples=RESAMPLES,
            batch=100,
            random_state=np.random.default_rng(SEED),
        )
        return found.confidence_interval.low, found.confidence_interval.high

    def _interval(self, figure: int) -> tuple[float, float]:
        low, high = self._bootstrap
        return float(low[figure]), float(high[figure])

    @property
    def per_class(self):
        """DataFrame indexed by emotion: what the two runs do to each.

        support (pictures), recall_a, recall_b, f1_a, f1_b, f1_difference (a minus b) with its 95 %
        interval f1_low, f1_high by paired bootstrap. Seven intervals are seven chances to be wrong: one
        that just misses 0 says little.
        """
        a, b = self.report_a.per_class, self.report_b.per_class
        table = a[["support"]].assign(recall_a=a.recall, recall_b=b.recall, f1_a=a.f1, f1_b=b.f1)
        low, high = self._bootstrap
        return table.assign(f1_difference=a.f1 - b.f1, f1_low=low[2:], f1_high=high[2:])

    def __repr__(self) -> str:
        points, low, high = (100 * value for value in (self.difference, *self.interval))
        verdict = "more than chance explains" if self.p_value < 0.05 else "which chance alone could bring about"
        return (
            f"On the same {len(self.report_a):,} pictures only {self.a} is right on {self.only_a:,} and only {self.b} "
            f"on {self.only_b:,}: {self.a} is {abs(points):.1f} points {'more' if points >= 0 else 'less'} accurate "
            f"(95 % interval of the difference {low:+.1f} to {high:+.1f} points; McNemar's exact test: "
            f"{_p_text(self.p_value)}), {verdict}."
        )


def _p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def figures_of(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Accuracy, macro F1 and the seven F1 scores of many resamples at once.

    labels, predictions: (..., N) integers in 0..6. Returns (9, ...) float64: a class that neither
    occurs nor is predicted counts as F1 0, as in a Report.
    """
    *shape, n = labels.shape
    cells = (CLASSES * labels + predictions).reshape(-1, n)
    offset = CLASSES**2 * np.arange(len(cells))[:, None]
    counts = np.bincount((cells + offset).ravel(), minlength=CLASSES**2 * len(cells))
    confusion = counts.reshape(-1, CLASSES, CLASSES)
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    f1 = 2 * hits / np.maximum(confusion.sum(axis=1) + confusion.sum(axis=2), 1)
    return np.vstack([hits.sum(axis=1) / n, f1.mean(axis=1), f1.T]).reshape(2 + CLASSES, *shape)


# ---------------------------------------------------------------------------------- time of a network


def latency(model, repeats: int = 30) -> float:
    """Milliseconds that `model` takes for one picture: the median of `repeats` compiled calls."""
    picture = np.full((1, 48, 48, 1), 128, "float32")
    times = []
    for _ in range(3 + repeats):
        started = time.perf_counter()
        np.asarray(model.predict_on_batch(picture))
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times[3:]))


def _network(name: str, run):
    """The run's network with random weights, from its architecture.json or by the name in its provenance."""
    from emotionlab import models
    from emotionlab.base.backend import keras

    architecture = run.folder / "architecture.json"
    if architecture.is_file():
        layers = architecture.read_text(encoding="utf-8")
        # trained in bfloat16 or not, it predicts in float32
        return keras.models.model_from_json(layers.replace("mixed_bfloat16", "float32"))
    made = run.provenance
    network = made.get("network")
    if network not in models.MODELS:
        raise RunError(
            f"Expected the run {name!r} to hold an architecture.json or a network called {', '.join(models.MODELS)}, "
            f"found {network!r}; compare the others without it."
        )
    if network not in models.BACKBONES:
        return models.build(network)
    size = _input_size(made)
    return models.build(network, weights=None, **({"input_size": size} if size else {}))


def _input_size(made: dict) -> int | None:
    """The pixels to which a backbone scales its pictures: from the provenance, or from the command in it."""
    in_command = re.search(r"--input-size[ =](\d+)", made.get("command", ""))
    return made.get("input_size") or (int(in_command[1]) if in_command else None)
