"""Question text.1: a bag of words, with the unknown tokens at the end.

Title, points, task and model solution: solutions/text.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "text.1",
    hints=(
        "A list can count: `tokens.count(word)` says how often a word stands in it.",
        "Count each word of the vocabulary first. What is then missing from all tokens is unknown: "
        "`len(tokens) - sum(counts)`.",
        "`counts = [tokens.count(word) for word in vocabulary]`, then "
        "`return np.array([*counts, len(tokens) - sum(counts)])`.",
    ),
    passed="Right. Shake the tokens, and the bag stays the same: that is what it cannot see.",
    explained={"A list of the counts is as good as an array.": ("line 7: np.array(… -> [*counts…",)},
)

_WORDS = ("happy", "sad", "not", "so", "day", "i", "am", "scared", "what", "a", "!", "love", "rain", "tea", "maybe")


@QUESTION.inputs
def texts_and_vocabularies(seed):
    """(tokens, vocabulary): with repeated tokens, several unknown ones, and words that do not occur."""
    rng = np.random.default_rng(seed)
    cases = []
    for length, size in ((14, 6), (9, 8), (20, 4)):
        words = [_WORDS[i] for i in rng.permutation(len(_WORDS))]
        vocabulary, unknown = words[:size], words[size : size + 3]
        used = [*vocabulary[1:], *unknown]  # the first word of the vocabulary does not occur
        tokens = [used[i] for i in rng.integers(0, len(used), length)]
        cases.append(([*tokens, used[0], used[0], unknown[0], unknown[1]], vocabulary))
    return cases


@style
def counter(tokens, vocabulary):
    from collections import Counter

    found = Counter(tokens)
    known = [found[word] for word in vocabulary]
    return np.array([*known, sum(count for word, count in found.items() if word not in vocabulary)])


@style
def places(tokens, vocabulary):
    numbers = [vocabulary.index(token) if token in vocabulary else len(vocabulary) for token in tokens]
    return np.bincount(numbers, minlength=len(vocabulary) + 1)


@style
def a_loop(tokens, vocabulary):
    row = [0] * (len(vocabulary) + 1)
    for token in tokens:
        row[vocabulary.index(token) if token in vocabulary else -1] += 1
    return row


@mistake("The last number is missing: how many tokens are not in the vocabulary. Without it they are lost.")
def no_unknown(tokens, vocabulary):
    return np.array([tokens.count(word) for word in vocabulary])


@mistake("This says whether a token occurs, 0 or 1. Expected how often: a text that says *so* twice has a 2 there.")
def whether_not_how_often(tokens, vocabulary):
    counts = [int(word in tokens) for word in vocabulary]
    return np.array([*counts, int(any(token not in vocabulary for token in tokens))])


@mistake("The known words are counted rightly, but of the unknown tokens only the different ones. Count each of them.")
def different_unknown(tokens, vocabulary):
    return np.array([*(tokens.count(word) for word in vocabulary), len(set(tokens) - set(vocabulary))])


@mistake("These are shares of the text, which sum to 1. Expected counts.")
def shares(tokens, vocabulary):
    counts = [tokens.count(word) for word in vocabulary]
    return np.array([*counts, len(tokens) - sum(counts)]) / len(tokens)


@mistake(
    "The counts are in alphabetical order. Expected the order of the vocabulary, which gives each word its column."
)
def alphabetical(tokens, vocabulary):
    counts = [tokens.count(word) for word in sorted(vocabulary)]
    return np.array([*counts, len(tokens) - sum(counts)])


@mistake("The unknown tokens stand first. Expected them at the end, after the vocabulary.")
def unknown_first(tokens, vocabulary):
    counts = [tokens.count(word) for word in vocabulary]
    return np.array([len(tokens) - sum(counts), *counts])


@mistake("These are the places of the tokens in the vocabulary. Expected, for each place, how many tokens have it.")
def numbers_of_tokens(tokens, vocabulary):
    return np.array([vocabulary.index(token) if token in vocabulary else len(vocabulary) for token in tokens])
