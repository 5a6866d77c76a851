"""Tokens and vocabulary: what a text becomes before a network sees it."""

import numpy as np
import pytest

from emotionlab.base.errors import DataError
from emotionlab.text import Vocabulary, pairs, tokenise


def test_words_keep_their_apostrophes_and_signs_stand_alone():
    assert tokenise("I’m NOT happy!! :(") == ["i'm", "not", "happy", "!", "!", ":", "("]


def test_masks_numbers_and_emoji_are_one_token_each():
    assert tokenise("[NAME] has 27 😡🎉") == ["[name]", "has", "27", "😡", "🎉"]


def test_a_letter_drawn_long_is_written_three_times():
    assert tokenise("sooooooo") == tokenise("sooo") == ["sooo"]


def test_a_text_of_100_000_characters_takes_no_more_time_than_its_beginning():
    assert len(tokenise("word " * 20_000)) == 4000
    assert tokenise("word " * 20_000, 40) == ["word"] * 40


def test_pairs_know_the_start_and_the_end():
    assert pairs(["not", "happy"]) == ["^ not", "not happy", "happy $"]


def test_unknown_tokens_are_1_and_what_is_not_there_is_0():
    vocabulary = Vocabulary.of([["b", "a", "a"], ["b", "c", "a"]], smallest=2)
    assert vocabulary.tokens == ["a", "b"]
    assert vocabulary.encode([["a", "c", "b"], []], length=4).tolist() == [[2, 1, 3, 0], [0, 0, 0, 0]]
    assert len(vocabulary) == 4


def test_a_vocabulary_survives_its_json_file(tmp_path):
    vocabulary = Vocabulary(["schön", "😡", '"'])
    vocabulary.save(tmp_path / "words.json")
    again = Vocabulary.load(tmp_path / "words.json")
    assert again.tokens == vocabulary.tokens
    np.testing.assert_array_equal(again.encode([["😡"]]), vocabulary.encode([["😡"]]))


@pytest.mark.parametrize("content", ['{"a": 1}', "[1, 2]", "not json", pytest.param("[" * 100_000, id="deep")])
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, content):
    (tmp_path / "words.json").write_text(content)
    with pytest.raises(DataError, match="JSON list"):
        Vocabulary.load(tmp_path / "words.json")
