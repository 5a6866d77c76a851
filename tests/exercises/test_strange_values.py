"""Whatever a function returns, the check answers with one of the four outcomes and a sentence."""

import decimal
import fractions
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from emotionlab.exercises import exercise, numbers
from emotionlab.exercises.capture import capture, pack, unpack
from emotionlab.exercises.compare import Mistake, call_each, compare, difference, read_as
from emotionlab.exercises.engine import UNREADABLE, Question
from emotionlab.exercises.verdict import OUTCOMES
from emotionlab.exercises.written import judge_text, words_of

QUESTIONS = [q for number in numbers() for q in exercise(number).questions if q.kind == "function"]
QUICK = [q for q in QUESTIONS if "import keras" not in q.source and q.id not in ("5.3", "6.1", "6.5")]


class Odd(np.ndarray):
    """An array that does not want to be read."""

    def __getitem__(self, place):
        raise RuntimeError("no")

    def __array__(self, *given, **named):
        raise RuntimeError("no")


class OddList(list):
    def __len__(self):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")


def inside_itself():
    value = [1]
    value.append(value)
    return value


def wide():
    """A list of lists of the same lists: few objects, and 200 ** 10 of them when written out."""
    value = [0] * 200
    for _ in range(10):
        value = [value] * 200
    return value


STRANGE = {
    "a dict": {0: 1, "a": [2], (1, 2): np.ones(3), None: None},
    "an array of None": np.array([None, None]),
    "an array of objects": np.array([[1, 2], [3, 4, 5]], dtype=object),
    "object scalars": np.array(None),
    "a complex number": 1 + 2j,
    "complex numbers": np.ones((3, 4), complex),
    "a subclass": np.ones((2, 3)).view(Odd),
    "a masked array": np.ma.array([1.0, 2.0], mask=[False, True]),
    "the masked value": np.ma.masked,
    "a record array": np.zeros(3, [("a", int), ("b", float)]),
    "dates": np.array(["2024-01-01"], "datetime64[D]"),
    "texts": np.array(["a", "b"]),
    "a huge number": 10**400,
    "a huge negative number": -(10**400),
    "a huge fraction": fractions.Fraction(10**400),
    "a signalling NaN": decimal.Decimal("sNaN"),
    "a long double": np.longdouble(1),
    "a list in itself": inside_itself(),
    "lists of lists of lists": wide(),
    "a list that lies": OddList([1, 2]),
    "a deep list": [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]],
    "empty": [],
    "empty lists": [[], []],
    "an empty array": np.zeros((0, 7)),
    "many axes": np.zeros((1,) * 12),
    "a pair of None": (None, None),
    "three of all kinds": (1, "a", None),
    "pairs of arrays": (np.ones(3), np.ones((2, 2))),
    "positions of nothing": (np.zeros(0, int), np.zeros(0, int)),
    "a type": int,
    "a generator": (i for i in range(3)),
    "NaN": float("nan"),
    "many NaN": np.full(7, np.nan),
    "bytes": b"abc",
    "a surrogate": "\ud800",
    "a set": {1, 2},
    "large unsigned numbers": np.array([2**64 - 1], "uint64"),
    "True": True,
}


def check(question, value):
    observed = question.observation(lambda *given: value)
    verdict = question.verdict(observed)
    assert verdict.outcome in OUTCOMES
    assert verdict.message
    return verdict


@pytest.mark.parametrize("question", QUICK, ids=lambda question: question.id)
def test_no_strange_value_is_too_much_for_a_check(question):
    for name, value in STRANGE.items():
        verdict = check(question, value)
        assert verdict.outcome == "failed", name
        assert verdict.misconception != UNREADABLE, name


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q not in QUICK], ids=lambda question: question.id)
def test_no_strange_value_is_too_much_for_a_check_of_networks(question):
    for name in ("a dict", "an array of None"):
        assert check(question, STRANGE[name]).outcome in ("failed", "error")


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.fractions(),
    st.decimals(),
    st.text(max_size=5),
    arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7)),
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=7),
        st.tuples(inner, inner),
        st.dictionaries(st.integers() | st.text(max_size=2), inner),
    ),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=VALUES, place=st.integers(0, len(QUICK) - 1))
def test_no_made_up_value_is_too_much_for_a_check(value, place):
    check(QUICK[place], value)
    record = capture(value)
    assert repr(unpack(pack({"value": record}))) == repr({"value": record})


# ---- A number is a number, a list is an array --------------------------------------------------


@pytest.mark.parametrize(
    "half",
    [
        0.5,
        np.float16(0.5),
        np.float32(0.5),
        np.array(0.5),
        fractions.Fraction(1, 2),
        decimal.Decimal("0.5"),
        np.longdouble(0.5),
    ],
)
def test_a_number_of_any_kind_is_a_number(half):
    assert difference(capture(half), 0.5) is None


@pytest.mark.parametrize("whole", [714, np.int8(71) * 0 + np.int64(714), np.uint16(714)])
def test_a_whole_number_of_any_kind_is_one(whole):
    assert difference(capture(whole), 714) is None


@pytest.mark.parametrize("number", [714.0, np.float32(714), fractions.Fraction(714)])
def test_a_float_is_no_whole_number_and_the_sentence_says_so(number):
    wrong = difference(capture(number), 714)
    assert wrong.misconception == "wrong_dtype"
    assert "Expected whole numbers (int), here 714, found the float" in wrong.message


ROW = np.array([0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    "value",
    [ROW, ROW.tolist(), tuple(ROW), [np.float32(x) for x in ROW], [fractions.Fraction(x) for x in ROW.tolist()]],
    ids=["array", "list", "tuple", "numpy", "fractions"],
)
@pytest.mark.parametrize("expected", [ROW, tuple(ROW.tolist())], ids=["array wanted", "tuple wanted"])
def test_lists_tuples_and_arrays_are_taken_for_each_other(value, expected):
    assert difference(read_as(capture(value), expected), expected) is None


def test_a_list_is_no_array_where_the_task_asks_for_one():
    judged = compare(lambda seed: [(1,)], lambda one: ROW, wants_array=True)
    assert judged({"seed": 0, **call_each(lambda one: ROW, [(1,)])}) is None
    wrong = judged({"seed": 0, **call_each(lambda one: ROW.tolist(), [(1,)])})
    assert (wrong.misconception, wrong.next_step) == ("wrong_type", "Turn it into an array with `np.array(...)`.")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (ROW, [0.25, 0.5, 0.25]),
        (ROW.reshape(3, 1), [(0.25,), (0.5,), (0.25,)]),
        ((0.5, 2), [0.25, 2]),
        ((0.5, 2), np.array([0.25, 2])),
        ((ROW, ROW), [[0, 0, 1], [1, 0, 0]]),
        (0.5, fractions.Fraction(1, 4)),
    ],
)
def test_a_mistake_is_recognised_when_it_returns_a_list(right, wrong):
    kept = Mistake("known", "The known mistake.", lambda one: wrong)
    unlike = [
        Mistake("unlike", "Of another kind.", lambda one, value=value: value) for value in ([[1], [2, 3]], "a", None)
    ]
    judged = compare(lambda seed: [(1,)], lambda one: right, (*unlike, kept))
    assert judged({"seed": 0, **call_each(lambda one: wrong, [(1,)])}).misconception == "known"
    assert judged({"seed": 0, **call_each(lambda one: right, [(1,)])}) is None


def test_a_long_list_is_compared_to_its_end():
    expected = np.arange(5000)
    off = [*range(4999), 0]
    assert difference(read_as(capture(list(range(5000))), expected), expected) is None
    assert difference(read_as(capture(off), expected), expected).misconception == "wrong_values"


# ---- No wrong diagnosis ------------------------------------------------------------------------


def made(inputs, answer):
    judged = compare(lambda seed: inputs, lambda a: a * 2)
    return judged({"seed": 0, **call_each(answer, inputs)}).next_step


def test_does_it_use_its_arguments_is_asked_where_the_whole_results_are_the_same_and_the_inputs_are_not():
    unlike = [(np.ones(3),), (np.full(3, 5.0),)]
    assert "does it use its arguments" in made(unlike, lambda a: np.zeros(3))
    assert "does it use its arguments" not in made([(np.ones(3),), (np.ones(3),)], lambda a: np.zeros(3))
    assert "does it use its arguments" not in made(unlike, lambda a: {"values": a})
    assert "does it use its arguments" not in made(unlike, lambda a: np.broadcast_to(a[0], (2000, 2000)))
    assert "does it use its arguments" not in made(unlike, lambda a: [0] * 300 + [a[0]])


def test_a_judge_that_breaks_says_what_was_found_and_passes_nothing():
    def judge(observed):
        raise ZeroDivisionError

    question = Question("9.1", "t", 1, "f", "", lambda seed: [(1,)], call_each, judge, ("", "", ""), "Right.")
    verdict = question.check(lambda one: {"a": 1})
    assert (verdict.outcome, verdict.misconception) == ("failed", UNREADABLE)
    assert "found a dict of length 1" in verdict.message


# ---- Words in scripts without spaces ------------------------------------------------------------

CHINESE = (
    "我會選擇第二個模型，因為它在驗證集上的準確率較高，而且在少數類別上也沒有明顯變差。測試集只用了一次，"
    "所以這個數字是誠實的。不過照片來自網路，標註者的意見並不一致，因此我不會把它用在真正的決定上。"
)
JAPANESE = (
    "私は二番目のモデルを選びます。検証データでの正解率が高く、少ないクラスでも悪くならないからです。"
    "テストデータは一度しか使っていないので、この数字は正直です。しかし写真はネットから集めたものです。"
)
THAI = (
    "ฉันเลือกแบบจำลองที่สองเพราะมีความแม่นยำสูงกว่าในชุดตรวจสอบและไม่แย่ลงในกลุ่มที่มีภาพน้อย"
    "ชุดทดสอบถูกใช้เพียงครั้งเดียวดังนั้นตัวเลขนี้จึงซื่อสัตย์แต่ภาพมาจากอินเทอร์เน็ตและผู้ติดป้ายมักเห็นไม่ตรงกัน"
)


@pytest.mark.parametrize("text", [CHINESE, JAPANESE, THAI], ids=["Chinese", "Japanese", "Thai"])
def test_words_are_counted_in_scripts_without_spaces(text):
    assert judge_text(capture(text), "the task", "the rubric") is None
    assert judge_text(capture(text[:30]), "the task", "the rubric").misconception == "too_short"
    assert judge_text(capture(text[:20] * 9), "the task", "the rubric").misconception == "repeated_words"


def test_words_with_spaces_are_counted_as_before():
    assert words_of("It's 2 words, naïve – über") == ["its", "2", "words", "naïve", "über"]
    assert len(words_of("이 모델은 검증 자료에서 더 정확하다")) == 6


def test_a_record_of_any_value_is_plain_json_and_arrays():
    for value in STRANGE.values():
        record = unpack(pack({"value": capture(value)}))
        json.dumps(record, default=lambda array: array.shape)


def test_a_whole_number_of_many_digits_is_shown_by_their_count():
    question = exercise("02").question("2.1")
    for number, words in (
        (10**400, "the int 10000… (401 digits)"),
        (-(2**70), "the int -11805… (22 digits)"),
        (1 << 20_000, "the int 10^6020 or so (about 6,021 digits)"),
    ):
        verdict = check(question, number)
        assert f"found {words}" in verdict.message
        assert "inf" not in verdict.message
