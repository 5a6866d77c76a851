"""The linear model that a network has to beat: TF-IDF of tokens and their pairs, a logistic regression an emotion.

model = LinearModel().fit(texts.train)
model.predict(["What a day!"])          # (1, 7) float64, each 0 to 1
"""

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.text.dataset import TextSplit
from emotionlab.text.tokens import tokenise


class LinearModel:
    """TF-IDF (Salton & Buckley 1988) of the tokens of `tokenise` and their pairs, then one logistic regression for
    each emotion (scikit-learn). C: how freely the weights may grow; chosen on validation texts."""

    def __init__(self, C: float = 3.0, smallest: int = 2):
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.C = C
        self.vectorizer = TfidfVectorizer(
            tokenizer=tokenise,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 2),
            min_df=smallest,
            sublinear_tf=True,
        )
        self.regressions: list = []

    def fit(self, split: TextSplit) -> "LinearModel":
        """Learn from texts and their labels."""
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression

        features = self.vectorizer.fit_transform(split.texts)
        self.regressions = []
        for shown in split.labels.T:
            model = LogisticRegression(C=self.C, solver="liblinear", random_state=0)
            if len(np.unique(shown)) == 1:  # all texts show it, or none does: there is nothing to tell apart
                model = DummyClassifier()
            self.regressions.append(model.fit(features, shown))
        return self

    def predict(self, texts) -> np.ndarray:
        """(N, 7) float64: for each emotion the probability that a text shows it."""
        features = self.vectorizer.transform(texts)
        return np.stack([model.predict_proba(features) @ model.classes_ for model in self.regressions], axis=1)

    def strongest(self, emotion: str, count: int = 10) -> list[tuple[str, float]]:
        """The tokens and pairs that speak most for an emotion, with their weights."""
        model = self.regressions[EMOTIONS.index(emotion)]
        if not hasattr(model, "coef_"):  # all texts showed it, or none did
            return []
        weights = model.coef_[0]
        names = self.vectorizer.get_feature_names_out()
        return [(str(names[i]), float(weights[i])) for i in np.argsort(-weights)[:count]]
