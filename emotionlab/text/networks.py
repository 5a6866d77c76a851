"""Two networks that read a text, from nothing, in Keras 3 (elective `text`).

Both take the numbers of tokens (N, LENGTH) int32, 0 where the text has ended, and give (N, 7) logits; the sigmoid of
a logit is the probability that the text shows that emotion, whatever it shows besides.
"""

from emotionlab.base.emotions import EMOTIONS
from emotionlab.text.tokens import LENGTH


def averaged_embeddings(rows: int, dim: int = 100, dropout: float = 0.5, seed: int = 0):
    """The mean of the tokens' vectors, then one dense layer (as in fastText, Joulin et al. 2016, arXiv 1607.01759).

    rows: `len(vocabulary)`. dim: numbers in a token's vector. Word order is lost: "not" is a vector like any other.
    Returns a `keras.Model`.
    """
    from emotionlab.base.backend import keras

    keras.utils.set_random_seed(seed)
    tokens = keras.Input((LENGTH,), dtype="int32", name="tokens")
    words, there = _embedded(tokens, rows, dim, dropout=0.3)
    mean = keras.ops.sum(words, axis=1) / keras.ops.maximum(keras.ops.sum(there, axis=1), 1)
    mean = keras.layers.Dropout(dropout, name="dropout")(mean)
    logits = keras.layers.Dense(len(EMOTIONS), name="logits")(mean)
    return keras.Model(tokens, logits, name="averaged_embeddings")


def attention_network(
    rows: int, dim: int = 100, width: int = 128, heads: int = 4, word_dropout: float = 0.4, dropout: float = 0.5, seed=0
):
    """Each token with its two neighbours, and attention that decides which of them count: 1.4 million parameters.

    Token vectors; a convolution over three neighbours, which can tell "not happy" from "happy"; then `heads` weighted
    means over the text, each with weights (attention) of its own that sum to 1 (Lin et al. 2017, arXiv 1703.03130);
    these, beside the plain mean, feed one dense layer.

    rows: `len(vocabulary)`. dim: numbers in a token's vector. width: channels of the convolution.
    word_dropout: share of the vector's numbers hidden in a whole text at each training step.
    Returns a `keras.Model`.
    """
    from emotionlab.base.backend import keras

    keras.utils.set_random_seed(seed)
    tokens = keras.Input((LENGTH,), dtype="int32", name="tokens")
    words, there = _embedded(tokens, rows, dim, word_dropout)
    neighbours = keras.layers.Conv1D(width, 3, padding="same", activation="relu", name="neighbours")(words)
    features = keras.layers.Concatenate(name="features")([words, neighbours])
    features = keras.layers.Dropout(0.2, name="features_dropout")(features)
    scores = keras.layers.Dense(64, activation="tanh", name="scores_hidden")(features)
    scores = keras.layers.Dense(heads, name="scores")(scores) - 1e4 * (1 - there)  # none for what is not there
    attention = keras.ops.softmax(scores, axis=1)
    seen = keras.ops.matmul(keras.ops.transpose(attention, (0, 2, 1)), features)  # (N, heads, dim + width)
    mean = keras.ops.sum(words, axis=1) / keras.ops.maximum(keras.ops.sum(there, axis=1), 1)
    pooled = keras.layers.Concatenate(name="pooled")([keras.layers.Flatten()(seen), mean])
    pooled = keras.layers.Dropout(dropout, name="dropout")(pooled)
    logits = keras.layers.Dense(len(EMOTIONS), name="logits")(pooled)
    return keras.Model(tokens, logits, name="attention")


def _embedded(tokens, rows: int, dim: int, dropout: float):
    """The tokens' vectors (N, LENGTH, dim), zero where the text has ended, and what is there (N, LENGTH, 1)."""
    from emotionlab.base.backend import keras

    there = keras.ops.expand_dims(keras.ops.cast(keras.ops.not_equal(tokens, 0), "float32"), -1)
    small = keras.initializers.RandomNormal(stddev=0.1, seed=0)
    words = keras.layers.Embedding(rows, dim, embeddings_initializer=small, name="words")(tokens)
    return keras.layers.SpatialDropout1D(dropout, name="words_dropout")(words) * there, there


NETWORKS = {"averaged_embeddings": averaged_embeddings, "attention": attention_network}
"""The networks by name."""
