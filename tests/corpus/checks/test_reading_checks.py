"""Files that are not what they seem: each stops, with the place, the likely cause and the options that mend it."""

from pathlib import Path

import pytest

from seqlab.corpus.checks.facts import facts_of
from seqlab.corpus.checks.reading_checks import corpus_findings
from seqlab.corpus.reading import read_chosen
from seqlab.corpus.reading_options import reading_options
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.splits import load_splits, read_as
from seqlab.errors import CorpusError, SettingsError

NER = """Anna B-PER
Berg I-PER
flew O
to O
Oslo B-LOC
. O

The O
fleet O
left O
Port B-LOC
Elm I-LOC
! O

Nobody O
came O
. O
"""
ON = "; --accept {} goes on as it is"


@pytest.fixture
def write(tmp_path: Path):
    def write_text(text: str, name: str = "train.conll") -> str:
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return write_text


@pytest.fixture
def error(write):
    """The error of reading a training corpus, without its folder."""

    def error_of(text: str, name: str = "train.conll", **keywords) -> str:
        path = write(text, name)
        with pytest.raises(CorpusError) as caught:
            load_splits(path, **keywords)
        return str(caught.value).replace(str(Path(path).parent) + "/", "")

    return error_of


def scheme_of(path: str, **keywords) -> Scheme:
    return load_splits(path, valid_share=0.4, **keywords).scheme


def test_one_zero_for_o_never_makes_a_corpus_plain(error, write):
    text = NER.replace("to O", "to 0")
    assert error(text) == (
        "train.conll:4: tag '0' is neither O nor PREFIX-TYPE, but 93.3% of the tags are; give --map-tag 0=O, "
        "or --scheme plain for tags that are no spans" + ON.format("stray-tags")
    )
    path = write(text)
    assert scheme_of(path, map_tag={"0": "O"}) is Scheme.IOB2
    assert scheme_of(path, scheme="plain") is Scheme.PLAIN
    accepted = load_splits(path, accept=["stray-tags"])
    assert accepted.scheme is Scheme.PLAIN
    assert (
        f"{path}:4: tag '0' is neither O nor PREFIX-TYPE, but 93.3% of the tags are (accepted: stray-tags)"
        in accepted.notes
    )


@pytest.mark.parametrize(
    ("tag", "option"),
    [
        ("B_PER", "B_PER=B-PER"),
        ("b-per", "b-per=B-PER"),
        ("B.per", "B.per=B-PER"),
        ("PER-B", "PER-B=B-PER"),
        ("PER", "PER=I-PER"),
        ("per", "per=I-PER"),
        ("o", "o=O"),
        ("_", "_=O"),
        ("OUT", "OUT=O"),
        ("B|PER", "'B|PER=B-PER'"),
    ],
)
def test_one_misspelt_tag_is_mapped_to_what_it_probably_means(error, write, tag, option):
    text = NER.replace("Anna B-PER", f"Anna {tag}") + "\nBea B-PER\n"
    assert error(text).startswith(
        f"train.conll:1: tag {tag!r} is neither O nor PREFIX-TYPE, but 93.8% of the tags are; "
        f"give --map-tag {option}, or --scheme plain"
    )
    old, new = option.strip("'").split("=")
    assert scheme_of(write(text), map_tag={old: new}) is Scheme.IOB2


def test_several_stray_tags_are_named_with_their_lines(error):
    text = (
        NER.replace("Anna B-PER", "Anna B_PER").replace("to O", "to 0").replace("left O", "left 0")
    )
    assert error(text) == (
        "train.conll:1: tags 'B_PER' (line 1), '0' (2 tokens, first in line 4) are neither O nor PREFIX-TYPE, but 80.0% "
        "of the tags are; give --map-tag B_PER=B-PER --map-tag 0=O, or --scheme plain for tags that are no spans"
        + ON.format("stray-tags")
    )


def test_a_stray_tag_without_a_likely_meaning_names_its_nearest(error):
    assert error(NER.replace("Port B-LOC", "Port B-")) == (
        "train.conll:11: tag 'B-' is neither O nor PREFIX-TYPE, but 93.3% of the tags are; "
        "correct 'B-' in the file (nearest: 'B-PER'), or give --scheme plain for tags that are no spans"
        + ON.format("stray-tags")
    )
    assert "; correct 'qqq' in the file, or give --scheme plain" in error(
        NER.replace("Port B-LOC", "Port qqq")
    )


def test_a_line_of_column_names_is_no_token(error, write):
    assert error("token tag\n" + NER) == (
        "train.conll:1: the line is read as token 'token' with tag 'tag', but names the columns; give --skip-lines 1"
        + ON.format("header-line")
    )
    with_pos = NER.replace(" ", " X ")
    assert error("Word POS NER\n" + with_pos).startswith(
        "train.conll:1: the line is read as token 'Word' with tag 'NER', but names the columns"
    )
    assert error("word upos\nthe DET\ndog NOUN\n\nthe DET\n").startswith(
        "train.conll:1: the line is read as token 'word' with tag 'upos'"
    )
    splits = load_splits(write("token tag\n" + NER), valid_share=0.4, skip_lines=1)
    assert splits.scheme is Scheme.IOB2
    assert "train: 1 lines skipped at the start" in splits.notes
    # In a corpus that tags the word "tag", it occurs again.
    path = write("token tag\ncut O\n\ntoken tag\n")
    assert load_splits(path, valid_share=0.5).scheme is Scheme.PLAIN


def test_all_tags_in_lower_case(error, write):
    lower = "".join(
        f"{line.split()[0]} {line.split()[1].lower()}\n" if line else "\n"
        for line in NER.splitlines()
    )
    assert error(lower) == (
        "train.conll:1: tags look like span tags, but are spelt otherwise, and would be read as plain tags: "
        "'b-per' (line 1), 'i-per' (line 2), 'o' (10 tokens, first in line 3) and 2 more; "
        "give --map-tag b-=B- --map-tag i-=I- --map-tag o=O, "
        "or --scheme plain for tags that are no spans" + ON.format("lower-case-tags")
    )
    mapped = load_splits(write(lower), valid_share=0.4, map_tag={"b-": "B-", "i-": "I-", "o": "O"})
    assert mapped.scheme is Scheme.IOB2
    assert "train: 10 tags 'o' read as 'O'" in mapped.notes


def test_all_tags_with_another_separator(error, write):
    text = NER.replace("B-", "B_").replace("I-", "I_")
    assert error(text).endswith(
        "; give --map-tag B_=B- --map-tag I_=I-, or --scheme plain for tags that are no spans"
        + ON.format("stray-tags")
    )
    assert scheme_of(write(text), map_tag={"B_": "B-", "I_": "I-"}) is Scheme.IOB2


def test_zero_for_every_o(error, write):
    text = NER.replace(" O\n", " 0\n")
    assert error(text) == (
        "train.conll:3: tags look like span tags, but are spelt otherwise, and would be read as plain tags: "
        "'0' (10 tokens, first in line 3); give --map-tag 0=O, or --scheme plain for tags that are no spans"
        + ON.format("zero-outside")
    )
    assert scheme_of(write(text), map_tag={"0": "O"}) is Scheme.IOB2


def test_types_without_prefix_are_noted(write):
    path = write(NER.replace("B-", "").replace("I-", "").replace(" O\n", " 0\n"))
    options = {"0": "O", "PER": "I-PER", "LOC": "I-LOC"}
    notes = load_splits(path, valid_share=0.4).notes
    assert (
        f"{path}: tag '0' (10 tokens) looks like O, outside of all spans; tags are read as plain tags, and '0' is a class "
        "like the others; to read spans, give --map-tag PER=I-PER --map-tag 0=O --map-tag LOC=I-LOC"
    ).replace("PER=I-PER --map-tag 0=O", "0=O --map-tag PER=I-PER") in notes
    assert scheme_of(path, map_tag=options) is Scheme.IOB1
    path = write(NER.replace("B-", "").replace("I-", ""))
    notes = load_splits(path, valid_share=0.4).notes
    assert (
        f"{path}: tags have no prefix B- or I-, such as 'PER'; tags are read as plain tags, and 'O' is a class "
        "like the others; to read spans, give --map-tag PER=I-PER --map-tag LOC=I-LOC"
    ) in notes
    assert not any(
        "no prefix" in n for n in load_splits(path, valid_share=0.4, accept=["no-prefixes"]).notes
    )


def test_brackets_of_ontonotes(error, write):
    text = "In *\nNew (GPE*\nYork *)\n, *\nAnna (PERSON*)\nsang *\n\nOslo (GPE*)\nslept *\n"
    assert error(text) == (
        "train.conll:2: tags are spans in brackets, such as '(GPE*', and would be read as plain tags; "
        "give --bracketed-tags" + ON.format("bracketed-tags")
    )
    splits = load_splits(write(text), valid_share=0.5, bracketed_tags=True)
    tags = {s.tags for s in (*splits.train, *splits.valid)}
    assert tags == {("O", "B-GPE", "I-GPE", "O", "B-PERSON", "O"), ("B-GPE", "O")}


def columns(*names: str) -> str:
    """The tokens with more columns: id, token, tag, pos, source, who or nested."""
    lines, number = [], 0
    for line in NER.splitlines():
        number = number + 1 if line else 0
        token, tag = line.split() if line else ("", "")
        cells = {
            "id": str(number),
            "token": token,
            "tag": tag,
            "pos": token[-1:].upper(),
            "source": "news",
        }
        cells |= {"who": "ann" if number % 2 else "ben", "nested": "O"}
        lines.append("\t".join(cells[name] for name in names) if line else "")
    return "\n".join(lines) + "\n"


def test_five_columns_with_ids_and_annotators(error, write):
    text = columns("id", "token", "tag", "source", "who")
    assert error(text) == (
        "train.conll: the last column (4) holds no span ('ann', 'ben'), but column 2 holds span tags "
        "('B-PER', 'I-PER', 'O', …); column 0 holds numbers ('1', '2', '3', …), column 1 holds words "
        "('Anna', 'Berg', 'flew', …); give --token-column 1 --tag-column 2, or "
        "--token-column 1 --tag-column 4 for the last column" + ON.format("no-spans")
    )
    assert error(text, tag_column=2) == (
        "train.conll: the tokens are numbers ('1', '2', '3', …), but column 1 holds words ('Anna', 'Berg', 'flew', …); "
        "give --token-column 1" + ON.format("ids-as-tokens")
    )
    assert scheme_of(write(text), token_column=1, tag_column=2) is Scheme.IOB2


def test_a_last_column_without_spans(error):
    assert error(columns("id", "token", "tag", "nested")) == (
        "train.conll: the last column (3) holds no span (all its tags are 'O'), but column 2 holds span tags "
        "('B-PER', 'I-PER', 'O', …); column 0 holds numbers ('1', '2', '3', …), column 1 holds words ('Anna', 'Berg', "
        "'flew', …); give --token-column 1 --tag-column 2, or --token-column 1 --tag-column 3 for the last column"
        + ON.format("no-spans")
    )
    assert error(columns("token", "tag", "pos")).startswith(
        "train.conll: the last column (2) holds no span ('A', 'G', 'W', …), but column 1 holds span tags "
        "('B-PER', 'I-PER', 'O', …); give --tag-column 1, or --tag-column 2 for the last column"
    )
    assert error(columns("token", "nested")) == (
        "train.conll: the only tag is 'O' (15 tokens): there is no span to learn; give --tag-column if the tags are in "
        "another column" + ON.format("no-spans")
    )


def test_a_chosen_tag_column_is_taken_at_its_word(write):
    path = write(columns("token", "tag", "pos"))
    for column in (-1, 2):
        assert scheme_of(path, tag_column=column) is Scheme.PLAIN


def test_tags_before_tokens(error, write):
    text = columns("tag", "token")
    assert error(text) == (
        "train.conll: the tokens are tags ('B-PER', 'I-PER', 'O', …); give --token-column 1 --tag-column 0"
        + ON.format("tags-as-tokens")
    )
    assert scheme_of(write(text), token_column=1, tag_column=0) is Scheme.IOB2


def test_swapped_columns_of_parts_of_speech(error, write):
    rows = [f"{'NOUN' if n % 2 else 'VERB'} word{n % 60}\n" for n in range(200)]
    text = "\n".join("".join(rows[n : n + 10]) for n in range(0, 200, 10))
    assert error(text) == (
        "train.conll: the first 200 tokens have 60 different tags ('word0', 'word1', 'word2', …) and 2 different words "
        "('VERB', 'NOUN'); give --token-column and --tag-column: the tags look like words"
        + ON.format("swapped-columns")
    )
    assert scheme_of(write(text), token_column=1, tag_column=0) is Scheme.PLAIN


def test_no_blank_line_between_sentences(error, write):
    text = NER.replace("\n\n", "\n") * 14
    assert error(text, valid=write(NER, "valid.conll")) == (
        "train.conll: the whole file is one sentence of 210 tokens: sentence breaks are missing; "
        "put a blank line after each sentence" + ON.format("one-sentence")
    )
    short = write(NER.replace("\n\n", "\n"))
    assert len(load_splits(short, write(NER, "valid.conll")).train) == 1


def test_a_blank_line_after_each_token(error, write):
    text = NER.replace("\n", "\n\n") * 4
    assert error(text) == (
        "train.conll: all 60 sentences have one token; keep the blank lines between sentences only"
        + ON.format("one-token")
    )
    # Single words with parts of speech may be meant so.
    path = write("dog NOUN\n\nran VERB\n\n" * 30)
    notes = load_splits(path, valid_share=0.5).notes
    assert (
        f"{path}: all 60 sentences have one token; keep the blank lines between sentences only"
        in notes
    )


def test_a_validation_file_with_the_sentences_of_training(error, write):
    shuffled = "\n\n".join(reversed(NER.strip().split("\n\n"))) + "\n"
    assert error(NER, valid=write(shuffled, "valid.conll")) == (
        "valid.conll: valid holds the same 3 sentences as train: training sees what is scored; "
        "give another file, or leave out --valid" + ON.format("same-files")
    )
    other = write(NER + "\nBea B-PER\n", "valid.conll")
    assert error(NER, valid=other, test=write(NER, "test.conll")).startswith(
        "test.conll: test holds the same 3 sentences as train: training sees what is scored"
    )
    assert error(NER, valid=other, test=write(NER + "\nBea B-PER\n", "test.conll")).startswith(
        "test.conll: test holds the same 4 sentences as valid: both score the same"
    )
    assert load_splits(write(NER), other).scheme is Scheme.IOB2


def test_a_first_line_of_unknown_column_names(error):
    assert error("col1 col2\n" + NER) == (
        "train.conll:1: tag 'col2' is neither O nor PREFIX-TYPE, but 93.8% of the tags are; correct 'col2' in the file, "
        "or give --skip-lines 1 if the line names the columns, or --scheme plain for tags that are no spans"
        + ON.format("stray-tags")
    )


def test_types_without_prefix_get_one_note(write):
    path = write("Ada PER\nran O\nto O\nher O\n\nBea PER\nran O\nfrom O\nhim O\n")
    notes = load_splits(path, valid_share=0.5).notes
    assert [note for note in notes if "taken as plain" in note] == []
    assert (
        f"{path}: tags have no prefix B- or I-, such as 'PER'; tags are read as plain tags, and 'O' is a class like the "
        "others; to read spans, give --map-tag PER=I-PER"
    ) in notes


def test_a_validation_file_taken_from_training(error, write):
    sentences = [f"Ada{number} B-PER\nran O\n" for number in range(30)]
    train = "\n".join(sentences)
    taken = write("\n".join(sentences[:20]), "valid.conll")
    assert error(train, valid=taken) == (
        "valid.conll: all 20 sentences of valid are also in train: training sees what is scored; "
        "give another file, or leave out --valid" + ON.format("same-files")
    )
    new = "Bea B-PER\nsat O\n"
    most = write("\n".join([*sentences[:19], new]), "valid.conll")
    assert error(train, valid=most).startswith(
        "valid.conll: 19 of 20 sentences of valid are also in train: training sees what is scored"
    )
    # 90 % is not above the limit; with fewer than 10 sentences chance may repeat them.
    for kept, own in ((18, 2), (8, 1)):
        own_sentences = [new.replace("Bea", f"Bea{number}") for number in range(own)]
        part = write("\n".join([*sentences[:kept], *own_sentences]), "valid.conll")
        notes = load_splits(write(train), part).notes
        assert any(f"valid: {kept} sentences are also in train" in note for note in notes)
    few = write("\n".join(sentences[:9]), "valid.conll")
    assert len(load_splits(write(train), few).valid) == 9
    # Sentences that recur within the split recur between honest splits.
    recurring = write("\n".join(sentences[:9] * 2), "valid.conll")
    assert len(load_splits(write(train), recurring).valid) == 18


def test_a_validation_file_of_another_task(error, write):
    assert error(NER, valid=write("dog NOUN\nran VERB\n", "valid.conll")) == (
        "valid.conll:1: tags 'NOUN' (line 1), 'VERB' (line 2) are neither O nor PREFIX-TYPE, but training has spans; "
        "correct 'NOUN' in the file" + ON.format("stray-tags")
    )
    train = "dog NOUN\nran VERB\n\ncat NOUN\n"
    assert error(train, valid=write("dog N\nran V\n", "valid.conll")) == (
        "valid.conll: 100.0% of the tokens have tags that training lacks, such as 'N', 'V'; "
        "give --tag-column if the tags are in another column" + ON.format("unknown-tags")
    )


def test_a_file_to_evaluate(write):
    path = write(NER.replace("to O", "to 0"))
    with pytest.raises(CorpusError) as caught:
        read_as(path, scheme="iob2")
    assert str(caught.value) == (
        f"{path}:4: tag '0' is neither O nor PREFIX-TYPE, but 93.3% of the tags are; give --map-tag 0=O"
        + ON.format("stray-tags")
    )
    sentences, notes = read_as(path, scheme="iob2", options=reading_options(map_tag={"0": "O"}))
    assert sentences[0].tags == ("B-PER", "I-PER", "O", "O", "B-LOC", "O")
    assert notes == ("train.conll: 1 tags '0' read as 'O'",)


def test_a_cached_corpus_is_checked_from_its_counts(error, write, tmp_path):
    text, valid = NER.replace("to O", "to 0"), write(NER + "\nBea B-PER\n", "valid.conll")
    keywords = {"valid": valid, "cache": tmp_path / "cache"}
    for _ in range(2):  # written, then found
        assert error(text, **keywords) == error(text, valid=valid)
    accepted = load_splits(write(text), accept=["stray-tags"], **keywords)
    assert accepted.notes == load_splits(write(text), valid, accept=["stray-tags"]).notes
    assert len([*(tmp_path / "cache").glob("[!.]*")]) == 1  # accepting reads nothing anew
    mapped = load_splits(write(text), map_tag={"0": "O"}, **keywords)
    assert (mapped.scheme, len([*(tmp_path / "cache").glob("[!.]*")])) == (Scheme.IOB2, 2)


def test_an_unknown_check(write):
    with pytest.raises(SettingsError) as caught:
        load_splits(write(NER), accept=["stray-tag"])
    assert str(caught.value) == (
        "accept is 'stray-tag': expected one of header-line, no-spans, tags-as-tokens, ids-as-tokens, swapped-columns, "
        "bracketed-tags, lower-case-tags, zero-outside, stray-tags, no-prefixes, one-sentence, one-token, same-files, "
        "unknown-tags; nearest: 'stray-tags'"
    )


SMALL = {
    "one type": "a B-X\nb O\n\nc O\n\nd B-X\n",
    "three words": "a B-X\n\nb O\n\nc O\n",
    "chunks": "He NN B-NP\nran VB B-VP\n\nin IN B-PP\ntown NN B-NP\n",
    "slots": "fly O\nto O\nOslo B-toloc.city_name\nat B-time\nnoon I-time\n\ngo O\n",
    "numbers": "1 B-X\n2 O\n3 O\n\n4 O\n5 B-X\n",
    "classes as numbers": "a 0\nb 0\nc 1\n\nd 0\ne 2\n",
    "parts of speech": "the DET\ndog NOUN\n\nO INTJ\n. PUNCT\n",
    "Chinese characters": "张 B-PER\n三 I-PER\n去 O\n\n北 B-LOC\n京 I-LOC\n",
    "letters and phonemes": "".join(
        f"{chr(97 + n % 26)} P{n % 40}\n" + "\n" * (n % 10 == 9) for n in range(600)
    ),
    "one plain tag": "a X\nb X\n\nc X\n",
    "letters that are no prefix": "run B-verb\n" + "dog S\ncat S\n" * 4,
}


@pytest.mark.parametrize("text", SMALL.values(), ids=SMALL)
def test_small_correct_corpora_pass(write, text):
    path = write(text)
    assert not [*stops(path)]


def stops(path: str | Path, **keywords):
    options = reading_options(**keywords)
    facts = facts_of(read_chosen(path, options), options=options, training=True)
    return [finding for finding in corpus_findings(facts) if finding.stops]


PUBLISHED = {
    "wnut17": ["wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"],
    "ncbi_disease_iob": ["train.tsv", "devel.tsv", "test.tsv"],
    "ncbi_disease_iobes": ["train.tsv", "devel.tsv", "test.tsv"],
    "crossner_science": ["train.txt", "dev.txt", "test.txt"],
    "bc5cdr_iob": ["train.tsv", "devel.tsv", "test.tsv"],
    "gum_ner/CONLL-format/data": ["train/gum-train.conll", "test/gum-test.conll"],
    "sec_filings/CONLL-format/data": ["train/FIN5.txt", "test/FIN3.txt"],
    "wikigold/CONLL-format/data": ["wikigold.conll.txt"],
    "anem/CONLL-format/data": ["AnEM.train", "AnEM.test"],
    "broad_twitter": ["a.conll", "b.conll", "e.conll", "g.conll"],
}


@pytest.mark.parametrize("folder", PUBLISHED)
def test_published_corpora_pass_without_a_word(shared_data, folder):
    for name in PUBLISHED[folder]:
        options = reading_options()
        corpus = read_chosen(shared_data / folder / name, options)
        for training in (True, False):
            scheme = None if training else Scheme.IOB2
            facts = facts_of(corpus, options=options, scheme=scheme, training=training)
            assert [*corpus_findings(facts)] == [], name


def test_published_treebanks_pass_with_every_column_of_tags(shared_data):
    for name in (
        "ud_french_sequoia/fr_sequoia-ud-train.conllu",
        "ud_english_ewt/en_ewt-ud-dev.conllu",
    ):
        for column in ("upos", "xpos", "deprel", "feats"):
            assert stops(shared_data / name, tag_column=column) == []
    chinese = shared_data / "uner_chinese_gsd/zh_gsd-ud-dev.iob2"
    assert stops(chinese, token_column=1, tag_column=2) == []
    assert [finding.check for finding in stops(chinese)] == ["no-spans", "ids-as-tokens"]


def test_the_bundled_sample_passes():
    for path in (Path(__file__).parents[3] / "data").glob("*.conll"):
        assert stops(path) == []
