"""Mutants of a source text: which mistakes are made, how they are called, and that nothing else changes."""

import ast

import numpy as np
import pytest

from emotionlab.exercises import exercise, numbers
from emotionlab.teaching.mutants import KINDS, mutants, sample
from emotionlab.teaching.trials import alike

QUESTIONS = [q for number in numbers() for q in exercise(number).questions if q.kind != "written"]


def made(source: str) -> dict:
    return {mutant.name: mutant for mutant in mutants(source)}


@pytest.mark.parametrize(
    ("source", "kind", "name"),
    [
        ("a + b", "operator", "line 1: a + b -> a - b"),
        ("a / b", "operator", "line 1: a / b -> b / a"),
        ("-a", "operator", "line 1: -a -> a"),
        ("a & b", "operator", "line 1: a & b -> a | b"),
        ("a and b", "operator", "line 1: a and b -> a or b"),
        ("a < b", "comparison", "line 1: a < b -> a <= b"),
        ("a < b", "comparison", "line 1: a < b -> a > b"),
        ("a in b", "comparison", "line 1: a in b -> a not in b"),
        ("f(7)", "constant", "line 1: 7 -> 8"),
        ("f(True)", "constant", "line 1: True -> False"),
        ("f(0.5)", "constant", "line 1: 0.5 -> 0.25"),
        ("f('same')", "constant", "line 1: 'same' -> 'valid'"),
        ("a.sum(axis=0)", "axis", "line 1: axis=0 -> axis=1"),
        ("a.max(axis=(1, 3))", "axis", "line 1: axis=(1, 3) -> axis=(3,)"),
        ("a[:, ::-1]", "axis", "line 1: a[:, ::-1] -> a[::-1, :]"),
        ("a = b\nc = a", "missing step", "line 1: a = b -> (left out)"),
        ("np.log(a)", "missing step", "line 1: np.log(a) -> a"),
        ("a.astype('float32')", "missing step", "line 1: a.astype('float32') -> a"),
        ("layers.ReLU()(x)", "missing step", "line 1: layers.ReLU()(x) -> x"),
        ("np.bincount(a, minlength=7)", "missing step", "line 1: minlength=7 -> (left out)"),
        ("[flip, turn]", "missing step", "line 1: turn -> (left out)"),
        ("a[:n]", "missing step", "line 1: [:n] -> [:]"),
        ("a[0]", "missing step", "line 1: a[0] -> a"),
        ("a += b", "missing step", "line 1: a += b -> a = b"),
        ("a if b else c", "missing step", "line 1: a if b else c -> c"),
        ("if a:\n    b()", "missing step", "line 1: if a: -> if True:"),
        ("def f(a, b):\n    return a", "wrong variable", "line 2: a -> b"),
        ("f(a, b)", "wrong variable", "line 1: f(a, b) -> f(b, a)"),
        ("a.argmax()", "wrong function", "line 1: a.argmax -> a.argmin"),
    ],
)
def test_a_mistake_is_made_and_named(source, kind, name):
    found = made(source)
    assert name in found, sorted(found)
    assert found[name].kind == kind


def test_a_mutant_shows_its_line_before_and_after_and_is_otherwise_the_same():
    source = 'def f(a):\n    """The sum, 1."""\n    b = a.sum(axis=0)\n    return b / 2\n'
    mutant = made(source)["line 3: axis=0 -> axis=1"]
    assert (mutant.before, mutant.after) == ("b = a.sum(axis=0)", "b = a.sum(axis=1)")
    assert mutant.source == ast.unparse(ast.parse(source)).replace("axis=0", "axis=1")


def test_docstrings_imports_and_parameters_stay():
    source = 'import numpy as np\n\ndef f(a, n=3):\n    """Needs 3 of 4."""\n    return np.sum(a) * n\n'
    for mutant in mutants(source):
        assert mutant.source.startswith('import numpy as np\n\ndef f(a, n=3):\n    """Needs 3 of 4."""\n'), mutant


def test_the_same_step_twice_in_a_line_has_two_names():
    found = made("x = f(1) + f(1)")
    assert found["line 1: 1 -> 2"].after == "x = f(2) + f(1)"
    assert found["line 1: 1 -> 2 (2)"].after == "x = f(1) + f(2)"


def test_no_variable_is_used_lines_before_it_is_there():
    names = made("def f(a):\n    b = a\n    c = b\n    return c\n")
    assert "line 2: a -> c" not in names
    assert "line 4: c -> b" in names


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_mutants_of_a_model_solution_are_python_differ_and_come_in_the_same_order(question):
    found = mutants(question.solution)
    texts = [mutant.source for mutant in found]
    assert len(found) >= 5
    assert len(set(texts)) == len({mutant.name for mutant in found}) == len(texts)
    assert ast.unparse(ast.parse(question.solution)) not in texts
    assert {mutant.kind for mutant in found} <= set(KINDS)
    for text in texts:
        compile(text, "mutant", "exec")
    assert mutants(question.solution) == found


def test_a_sample_depends_on_its_name_alone_and_keeps_the_order():
    found = mutants(exercise("04").question("4.2").solution)
    some = sample(found, 8, "4.2")
    assert some == sample(found, 8, "4.2")
    assert some != sample(found, 8, "4.3")
    assert [found.index(mutant) for mutant in some] == sorted(found.index(mutant) for mutant in some)
    assert len(some) == 8
    assert sample(found, 10_000, "4.2") == found


# ---- When two observations are the same ---------------------------------------------------------


def observed(value, **more):
    return {"state": "observed", "returned": [value]} | more


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (np.arange(3.0), np.arange(3.0) * (1 + 1e-9), True),
        (np.arange(3.0), np.arange(3.0) * 1.001, False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.arange(3), np.arange(3.0), False),
        (np.arange(3), np.arange(4), False),
        (np.array(["a"]), np.array(["b"]), False),
        (0.1, 0.1 + 1e-12, True),
        (float("nan"), float("nan"), True),
        (1, 1.0, False),
        (True, 1, False),
        ("a", "b", False),
        ([1, 2], [1, 2, 3], False),
        ({"kind": "number", "type": "int", "dtype": "int", "value": 3},) * 2 + (True,),
    ],
)
def test_observations_are_the_same_up_to_rounding_and_no_further(one, other, same):
    assert alike(observed(one), observed(other)) is same
    assert not alike(observed(one), observed(one, changed_input=True))


def test_a_number_may_have_other_bits_and_an_array_may_not():
    one = {"kind": "number", "type": "float", "dtype": "float", "value": 0.5}
    assert alike(one, one | {"type": "float64", "dtype": "float64"})
    array = {"kind": "array", "type": "ndarray", "dtype": "float32", "array": np.ones(2, "float32")}
    assert not alike(array, array | {"dtype": "float64", "array": np.ones(2)})
