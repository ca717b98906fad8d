"""Search settings with scikit-learn on the bundled sample. Usage: python examples/grid_search.py [SENTENCES [EPOCHS]]"""

import sys
from pathlib import Path

from sklearn.model_selection import GridSearchCV

import seqlab
from seqlab.sklearn import SequenceTagger

SAMPLE = Path(__file__).parents[1] / "data"
GRID = {"class_weights": ["none", "sqrt-inverse"], "hidden_units": [50, 100]}


def lists(split: str, sentences: int) -> tuple[list[list[str]], list[list[str]]]:
    corpus = [*seqlab.read_corpus(SAMPLE / f"{split}.conll")][:sentences]
    return [list(one.tokens) for one in corpus], [list(one.tags) for one in corpus]


def main(sentences: int = 300, epochs: int = 3) -> None:
    tokens, tags = lists("train", sentences)
    search = GridSearchCV(SequenceTagger(epochs=epochs, char_encoder="none"), GRID, cv=2)
    search.fit(tokens, tags)
    for settings, mean in zip(
        search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
    ):
        print(f"{mean:.3f}  {settings}")
    print(f"test: macro F1 {search.score(*lists('test', sentences)):.3f} with the best settings")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
