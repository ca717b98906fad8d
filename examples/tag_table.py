"""Tag a column of a table with pandas. Usage: python examples/tag_table.py RUN

RUN is a run directory, such as `seqlab train --out runs/mine` writes.
"""

import sys

import pandas as pd

import seqlab

REVIEWS = pd.DataFrame(
    {
        "stars": [5, 2, 4],
        "review": ["The ferry Saint Alban left Port Ardmore on time.", None, "Captain Pellgate!"],
    },
    index=pd.Index(["r7", "r8", "r9"], name="id"),
)


def main(run: str) -> None:
    tagger = seqlab.load(run)
    spans = tagger.tag_frame(REVIEWS, text="review")
    for identity, row in spans.iterrows():
        assert REVIEWS.review[identity][row.start : row.end] == row.text  # noqa: S101
    print(spans.join(REVIEWS.stars).to_string())  # the index says which review
    print(spans.groupby("label").score.agg(["size", "mean"]).to_string())


if __name__ == "__main__":
    main(sys.argv[1])
