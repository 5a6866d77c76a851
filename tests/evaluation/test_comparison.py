"""Runs side by side: the tests and intervals against formulas and known cases, and what is refused."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS, one_hot
from emotionlab.base.errors import RunError
from emotionlab.evaluation import compare, score
from emotionlab.evaluation.comparison import Pair, _network, figures_of, latency


def rows(predictions, confidence=0.7):
    """Probabilities whose largest entry, `confidence`, stands at the predicted labels."""
    others = (1 - confidence) / 6
    return one_hot(predictions) * (confidence - others) + others


def pair_of(both, only_a, only_b, neither):
    """Two sets of predictions that are right together and alone on so many pictures (labels cycle through 0..6)."""
    n = both + only_a + only_b + neither
    labels = np.arange(n) % 7
    wrong = (labels + 1) % 7
    place = np.arange(n)
    a = np.where(place < both + only_a, labels, wrong)
    b = np.where((place < both) | ((place >= both + only_a) & (place < n - neither)), labels, wrong)
    return compare({"a": (labels, rows(a)), "b": (labels, rows(b))}).pair("a", "b")


def random_predictions(n=600, share_right=(0.7, 0.6), seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 7, n)
    guesses = [np.where(rng.random(n) < share, labels, rng.integers(0, 7, n)) for share in share_right]
    return labels, *guesses


# ---------------------------------------------------------------------------------- McNemar


def test_the_discordant_pictures_are_counted_by_hand():
    pair = pair_of(both=50, only_a=12, only_b=5, neither=33)
    assert (pair.both, pair.only_a, pair.only_b, pair.neither) == (50, 12, 5, 33)
    assert pair.difference == pytest.approx(0.07)


@pytest.mark.parametrize(("only_a", "only_b"), [(12, 5), (5, 12), (9, 1), (3, 0)])
def test_mcnemars_exact_test_is_the_two_sided_binomial_formula(only_a, only_b):
    n, extreme = only_a + only_b, max(only_a, only_b)
    one_tail = sum(math.comb(n, k) for k in range(extreme, n + 1)) / 2**n
    assert pair_of(40, only_a, only_b, 20).p_value == pytest.approx(min(1, 2 * one_tail))


def test_pictures_on_which_both_agree_do_not_change_the_p_value():
    assert pair_of(0, 12, 5, 0).p_value == pair_of(900, 12, 5, 300).p_value


def test_equal_runs_and_an_even_split_are_no_difference():
    assert pair_of(50, 0, 0, 20).p_value == 1
    even = pair_of(50, 8, 8, 20)
    assert even.p_value == 1
    assert even.difference == 0
    assert even.interval[0] < 0 < even.interval[1]


def test_two_overlapping_intervals_can_hide_a_sure_difference():
    pair = pair_of(both=700, only_a=40, only_b=5, neither=255)
    assert pair.report_a.accuracy_interval[0] < pair.report_b.accuracy_interval[1], "the separate intervals overlap"
    assert pair.p_value < 0.001
    assert pair.interval[0] > 0


# ---------------------------------------------------------------------------------- bootstrap


def test_the_interval_of_the_difference_agrees_with_the_normal_approximation():
    pair = pair_of(both=1200, only_a=200, only_b=120, neither=480)
    n, mean = 2000, 80 / 2000
    half = 1.96 * math.sqrt((320 / n - mean**2) / n)
    assert pair.interval == pytest.approx((mean - half, mean + half), abs=0.0012)


def test_the_paired_bootstrap_of_macro_f1_agrees_with_resampling_by_hand():
    from sklearn.metrics import f1_score

    labels, a, b = random_predictions()
    pair = Pair(score(labels, rows(a), "a"), score(labels, rows(b), "b"))
    rng, resampled = np.random.default_rng(5), []
    for _ in range(400):
        i = rng.integers(0, len(labels), len(labels))
        macro = [f1_score(labels[i], p[i], average="macro", zero_division=0) for p in (a, b)]
        resampled.append(macro[0] - macro[1])
    assert pair.macro_f1_interval == pytest.approx(np.quantile(resampled, (0.025, 0.975)), abs=0.012)
    assert pair.macro_f1_interval[0] < pair.macro_f1_difference < pair.macro_f1_interval[1]


def test_the_same_runs_give_the_same_interval_and_swapping_them_turns_it_round():
    labels, a, b = random_predictions()
    comparison = compare({"a": (labels, rows(a)), "b": (labels, rows(b))})
    there, back = comparison.pair("a", "b"), comparison.pair("b", "a")
    assert there.interval == comparison.pair("a", "b").interval
    assert there.difference == -back.difference
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]), abs=1e-9)


def test_the_figures_of_many_resamples_are_those_of_a_report():
    labels, a, _ = random_predictions(100)
    found = figures_of(np.stack([labels, labels[::-1]]), np.stack([a, a[::-1]]))
    report = score(labels, rows(a))
    assert found.shape == (9, 2)
    np.testing.assert_allclose(found[:, 0], [report.accuracy, report.macro_f1, *report.per_class.f1])
    np.testing.assert_allclose(found[:, 1], found[:, 0])


def test_the_table_of_the_emotions_says_where_the_runs_differ():
    labels = np.repeat(np.arange(7), 40)
    b = np.where((labels == 1) & (np.arange(280) % 2 == 0), 0, labels)  # half of disgust taken for angry
    table = compare({"a": (labels, rows(labels)), "b": (labels, rows(b))}).pair("a", "b").per_class
    assert table.index.tolist() == list(EMOTIONS)
    assert (table.recall_a["disgust"], table.recall_b["disgust"]) == (1, 0.5)
    assert table.f1_difference["disgust"] == pytest.approx(1 - 2 / 3)
    assert table.f1_low["disgust"] > 0
    assert (table.f1_difference["happy"], table.f1_low["happy"], table.f1_high["happy"]) == (0, 0, 0)


# ---------------------------------------------------------------------------------- words


def test_a_pair_prints_one_plain_sentence_about_a_sure_difference():
    text = str(pair_of(both=700, only_a=40, only_b=5, neither=255))
    assert text.startswith("On the same 1,000 pictures only a is right on 40 and only b on 5: a is 3.5 points more")
    assert "p < 0.001" in text
    assert text.endswith("more than chance explains.")


def test_a_pair_that_may_be_chance_says_so():
    text = str(pair_of(both=50, only_a=5, only_b=7, neither=38))
    assert "a is 2.0 points less accurate" in text
    assert "p = 0.774" in text
    assert text.endswith("which chance alone could bring about.")


# ---------------------------------------------------------------------------------- the table


def test_the_table_has_the_recorded_runs_with_their_price():
    runs = [el.reference.load("augmented"), "scratch_cnn"]
    table = compare(runs).table
    assert table.index.tolist() == ["augmented", "scratch_cnn"]
    run = el.reference.load("scratch_cnn")
    row, report = table.loc["scratch_cnn"], run.report("test", "flip")
    assert row.accuracy == report.accuracy
    assert (row.accuracy_low, row.accuracy_high) == report.accuracy_interval
    assert (row.macro_f1, row.macro_f1_low, row.macro_f1_high) == (report.macro_f1, *report.macro_f1_interval())
    assert row.parameters == run.provenance["parameters"]
    assert row.megabytes == pytest.approx(4 * row.parameters / 1048576)
    assert row.minutes == run.provenance["minutes"]
    assert row.initialisation == "random"
    assert row.milliseconds is None


def test_split_and_tta_choose_the_recorded_predictions():
    runs = ["augmented", "scratch_cnn"]
    run = el.reference.load("augmented")
    assert compare(runs, "validation", "none").table.accuracy["augmented"] == run.report("validation").accuracy
    assert compare(runs).table.accuracy["augmented"] == run.report("test", "flip").accuracy


def test_arrays_and_reports_have_no_price():
    labels, a, b = random_predictions(50)
    table = compare({"arrays": (labels, rows(a)), "report": score(labels, rows(b), "another name")}).table
    assert table.index.tolist() == ["arrays", "report"]
    assert table[["initialisation", "parameters", "megabytes", "milliseconds", "minutes"]].isna().all().all()


def test_the_printed_table_and_its_html_name_every_run():
    labels, a, b = random_predictions(50)
    comparison = compare({"<b>one</b>": (labels, rows(a)), "two": (labels, rows(b))})
    assert str(comparison).startswith("2 runs on the same 50 pictures")
    assert "two" in str(comparison)
    page = comparison._repr_html_()
    assert "&lt;b&gt;one" in page
    assert "<b>one" not in page
    assert page.count('scope="row"') == 2
    assert page.count("<tr>") == page.count("</tr>") == 3


def test_agreement_counts_equal_answers_whether_right_or_wrong():
    labels = np.zeros(4, int)
    answers = {"a": [0, 0, 1, 1], "b": [0, 1, 1, 2], "c": [0, 0, 1, 1]}
    agreement = compare({name: (labels, rows(p)) for name, p in answers.items()}).agreement
    assert agreement.loc["a"].tolist() == [1, 0.5, 1]
    assert (agreement.to_numpy() == agreement.to_numpy().T).all()


def test_the_ensemble_is_the_mean_of_the_probabilities():
    labels = np.array([0, 1])
    sure, unsure = rows([0, 0], 0.9), rows([1, 1], 0.5)
    comparison = compare({"sure": (labels, sure), "unsure": (labels, unsure)})
    together = comparison.ensemble()
    np.testing.assert_allclose(together.probabilities, (sure + unsure) / 2, atol=1e-6)
    assert together.predictions.tolist() == [0, 0]
    assert together.name == "mean of 2 runs"
    assert comparison.ensemble(["unsure"]).predictions.tolist() == [1, 1]


# ---------------------------------------------------------------------------------- latency


def test_latency_fills_the_milliseconds_of_runs_with_and_without_weights():
    comparison = compare(["plain", "augmented", "scratch_cnn"])
    assert comparison.measure_latency(repeats=5) is comparison
    times = comparison.table.milliseconds
    assert (times > 0).all()
    assert times["plain"] == times["augmented"], "networks of one make are timed once"
    assert times["plain"] != times["scratch_cnn"]


def test_latency_is_the_median_of_the_calls_after_the_warm_up(monkeypatch):
    # each call takes as many seconds as the next entry; the first three warm up
    durations = iter([90, 90, 90, 1, 2, 60])
    clock = SimpleNamespace(now=0.0)

    class Model:
        def predict_on_batch(self, batch):
            assert batch.shape == (1, 48, 48, 1)
            clock.now += next(durations)
            return np.zeros((1, 7))

    monkeypatch.setattr("time.perf_counter", lambda: clock.now)
    assert latency(Model(), repeats=3) == 2000


def test_a_run_of_an_unknown_network_is_named_when_it_cannot_be_timed(tmp_path):
    labels, a, b = random_predictions(50)
    odd = SimpleNamespace(
        name="odd",
        folder=tmp_path,
        provenance={"network": "mine", "parameters": 3, "minutes": 1, "initialisation": "random"},
        report=lambda split, tta: score(labels, rows(a)),
    )
    comparison = compare({"odd": odd, "arrays": (labels, rows(b))})
    with pytest.raises(RunError, match=r"run 'odd'.*found 'mine'"):
        comparison.measure_latency()


@pytest.mark.parametrize(
    ("says", "pixels"),
    [
        ({"command": "uv run emotionlab train mobilenetv2 --input-size 48 --record"}, 48),
        ({"command": "el.train(...)", "input_size": 64}, 64),
        ({"command": "uv run emotionlab train mobilenetv2"}, 96),
    ],
)
def test_a_backbone_is_timed_at_the_size_it_was_trained_at(says, pixels, tmp_path):
    run = SimpleNamespace(folder=tmp_path, provenance={"network": "mobilenetv2", **says})
    network = _network("it", run)
    assert network.get_layer("scale_up").output.shape[1:3] == (pixels, pixels)
    assert network.initialisation == "random", "the time does not depend on the weights"


# ---------------------------------------------------------------------------------- refused


def test_the_same_pictures_in_another_order_are_refused():
    labels, a, b = random_predictions(50)
    with pytest.raises(RunError, match="same order"):
        compare({"a": (labels, rows(a)), "b": (labels[::-1], rows(b))})


def test_another_number_of_pictures_is_refused():
    labels, a, b = random_predictions(50)
    with pytest.raises(RunError, match="50 pictures in 'a' and 49 in 'b'"):
        compare({"a": (labels, rows(a)), "b": (labels[1:], rows(b[1:]))})


def test_one_picture_has_no_interval():
    with pytest.raises(RunError, match="at least two pictures"):
        str(pair_of(0, 1, 0, 0))


@pytest.mark.parametrize("runs", [["plain"], [], {}, ["plain", "plain"], "plain", None])
def test_fewer_than_two_different_runs_are_refused(runs):
    with pytest.raises(RunError, match="at least two"):
        compare(runs)


def test_other_things_than_runs_are_refused():
    labels, a, _ = random_predictions(50)
    with pytest.raises(RunError, match="'b', found 3"):
        compare({"a": (labels, rows(a)), "b": 3})
    with pytest.raises(RunError, match="no run called 'nowhere'"):
        compare(["plain", "nowhere"])


def test_unknown_names_are_refused_with_those_there_are():
    comparison = pair_of(5, 1, 1, 3)
    comparison = compare({"a": comparison.report_a, "b": comparison.report_b})
    with pytest.raises(RunError, match="a, b, found 'c'"):
        comparison.pair("a", "c")
    with pytest.raises(RunError, match="found c"):
        comparison.ensemble(["a", "c"])
    with pytest.raises(RunError, match="found none"):
        comparison.ensemble([])


def test_the_course_names_are_one_attribute_away():
    assert el.compare is compare
    assert el.evaluation.compare is compare
