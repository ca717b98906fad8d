"""Find entities in a spaCy pipeline, and save it. Usage: python examples/spacy_pipeline.py RUN FOLDER

RUN is a run directory, FOLDER the pipeline to write.
"""

import sys

import spacy

import seqlab.spacy  # noqa: F401, an installed seqlab needs no import

TEXTS = ["The ferry Saint Alban left Port Ardmore.", "It rained.", "Captain Pellgate came back."]


def main(run: str, folder: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab", config={"run": run})
    nlp.to_disk(folder)
    for doc in spacy.load(folder).pipe(TEXTS):
        entities = [f"{one.text} ({one.label_}, {one._.seqlab_score:.2f})" for one in doc.ents]
        print(f"{doc.text} -> {', '.join(entities) or 'nothing'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
