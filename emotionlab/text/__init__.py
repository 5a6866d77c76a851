"""Emotion in words: texts, models that read them, and a reader that answers without TensorFlow.

texts = el.load_texts()                      # GoEmotions: short English comments, several emotions each
answer = el.TextReader()("What a day!")      # answer.emotion, .emotions, .confidence, .probabilities
LinearModel().fit(texts.train)               # the model to beat
averaged_embeddings(rows), attention_network(rows)      # two networks from scratch
train("attention", texts)
recorded.load("attention").report("test")    # what was measured
"""

from emotionlab.text import recorded
from emotionlab.text.dataset import Texts, TextSplit, load_texts
from emotionlab.text.linear import LinearModel
from emotionlab.text.networks import attention_network, averaged_embeddings
from emotionlab.text.reader import TextAnswer, TextReader
from emotionlab.text.scoring import MultiReport, choose_thresholds, difference, score
from emotionlab.text.tokens import Vocabulary, pairs, tokenise
from emotionlab.text.training import TextRecipe, predict, train

__all__ = [
    "LinearModel",
    "MultiReport",
    "TextAnswer",
    "TextReader",
    "TextRecipe",
    "TextSplit",
    "Texts",
    "Vocabulary",
    "attention_network",
    "averaged_embeddings",
    "choose_thresholds",
    "difference",
    "load_texts",
    "pairs",
    "predict",
    "recorded",
    "score",
    "tokenise",
    "train",
]
