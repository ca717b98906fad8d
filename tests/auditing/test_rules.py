"""Each warning occurs on a corpus with that problem, and no warning on a sound corpus."""

import re
import unicodedata

import pytest

from seqlab.auditing.corpora import audit_corpora
from seqlab.auditing.loss_shares import WeightChoice
from seqlab.auditing.thresholds import Thresholds
from tests.auditing.hand import CLEAN_TRAIN, CLEAN_VALID, clean, write

FREQUENCY = WeightChoice(class_weights="none", class_weight=("O=0.9", "PER=0.07", "LOC=0.03"))


def by_rule(audit):
    return {(w.rule, w.split): w for w in audit.warnings}


def audited(folder, train=(), valid=(), test=None, **options):
    """Audit the clean corpora with some more sentences."""
    paths = [
        write(folder / "train.conll", *CLEAN_TRAIN, *train),
        write(folder / "valid.conll", *CLEAN_VALID, *valid),
    ]
    if test is not None:
        paths.append(write(folder / "test.conll", *test))
    return by_rule(audit_corpora(*paths, scheme="iob2", **options))


def test_a_clean_corpus_has_no_warning(tmp_path):
    assert audit_corpora(*clean(tmp_path)).warnings == ()


def test_few_examples(tmp_path):
    laws = [f"the/O {word}/B-LAW Act/I-LAW failed/O" for word in ("Fish", "Salt", "Noise")]
    found = audited(tmp_path, train=laws * 8, valid=[*laws, "Ada/B-PER Oslo/B-LOC"])
    assert set(found) == {("few-examples", "valid")}
    warning = found["few-examples", "valid"]
    assert warning.message == "1 class has fewer than 20 spans in valid: its F1 is uncertain"
    assert warning.details == (
        "LAW 3",
        "with 1 of 3 spans found, the recall is between 0.06 and 0.79 (95 %, Wilson)",
    )
    assert (warning.value, warning.threshold) == (1, 20)


def test_four_classes_with_few_spans_as_the_readme_has_it(tmp_path):
    kinds = [f"x/B-{kind}" for kind in ("A", "B", "C", "D")]
    found = audited(tmp_path, train=kinds * 20, valid=kinds)
    assert found["few-examples", "valid"].message == (
        "4 classes have fewer than 20 spans in valid: their F1 is uncertain"
    )


def test_few_examples_to_learn_from(tmp_path):
    found = audited(tmp_path, train=["Fish/B-LAW Act/I-LAW"], valid=["Salt/B-LAW Act/I-LAW"] * 20)
    assert found["few-examples", "train"].message == (
        "1 class has fewer than 20 spans in train: "
        "label more examples, or raise their class weight or resample"
    )


def test_a_class_that_valid_lacks(tmp_path):
    law = ["Fish/B-LAW Act/I-LAW"] * 20
    found = audited(tmp_path, train=law)
    assert found["missing-from-valid", "valid"].message == (
        "1 class is missing from valid: training cannot track it or choose the epoch by it; "
        "give --valid-share instead of --valid to split train by class"
    )
    assert found["missing-from-valid", "valid"].details == ("LAW 20",)
    found = audited(tmp_path, train=law, test=CLEAN_VALID)
    assert found["only-in-train", "train"].message == (
        "1 class is only in train: no split can score it"
    )
    assert ("missing-from-valid", "valid") not in found
    found = audited(tmp_path, train=law, valid=law, test=CLEAN_VALID)
    assert found["missing-from-test", "test"].message == (
        "1 class is missing from test: no final score covers it"
    )


def test_a_class_that_train_lacks(tmp_path):
    found = audited(tmp_path, valid=["Fish/B-LAW Act/I-LAW"] * 20)
    assert found["missing-from-train", "valid"].message == (
        "1 class is in valid but not in train: the network cannot learn it, "
        "and every example counts as missed"
    )
    assert ("unseen-tags", "valid") not in found


def test_a_tag_that_train_lacks(tmp_path):
    found = audited(tmp_path, valid=["Ada/B-PER Stone/I-PER left/O"])
    assert set(found) == {("unseen-tags", "valid")}
    assert found["unseen-tags", "valid"].message == (
        "1 tag of valid is not in train, although its class is: "
        "tokens with such a tag count as missed; --scheme iob2 has the fewest tags"
    )
    assert found["unseen-tags", "valid"].details == ("'I-PER' 1 time",)


def test_a_leak(tmp_path):
    found = audited(tmp_path, valid=CLEAN_TRAIN[:1])
    assert set(found) == {("leak", "valid")}
    warning = found["leak", "valid"]
    assert warning.message == (
        "1 sentence of valid (4.8%) is also in train: "
        "training sees what is scored; remove it from train"
    )
    valid, train = tmp_path / "valid.conll", tmp_path / "train.conll"
    assert warning.details == (f"'Ada lives in Paris near the old mill' ({valid}:161 = {train}:1)",)


def test_repeated_sentences(tmp_path):
    found = audited(tmp_path, train=CLEAN_TRAIN[:5])
    assert found["repeated", "train"].message == (
        "5 sentences of train (11.1%) repeat an earlier one: remove unwanted copies"
    )


def test_contradictory_sentences(tmp_path):
    found = audited(tmp_path, train=[CLEAN_TRAIN[0].replace("Paris/B-LOC", "Paris/O")])
    assert found["contradictory", None].message == (
        "1 sentence of 5 tokens or more occurs with different tags: correct one of the two"
    )
    path = tmp_path / "train.conll"
    assert found["contradictory", None].details == (
        f"'Paris' is B-LOC at {path}:1, O at {path}:361",
    )


def test_inconsistent_labels(tmp_path):
    wrong = [
        text.replace("Paris/B-LOC", "Paris/B-PER").replace("near", "by") for text in CLEAN_TRAIN
    ]
    found = audited(tmp_path, train=[text for text in wrong if "Paris" in text])
    warning = found["inconsistent", None]
    assert re.fullmatch(
        r"7\.\d% of the spans do not have the most frequent class of their text: "
        "make the labels agree, most frequent texts first",
        warning.message,
    )
    assert warning.details[0].startswith("'Paris' is LOC 15 times, PER 10 times (")


def test_forgotten_spans(tmp_path):
    wrong = [text.replace("/B-LOC", "/O").replace("near", "by") for text in CLEAN_TRAIN]
    found = audited(tmp_path, train=wrong)
    warning = found["outside-elsewhere", None]
    assert re.fullmatch(
        r"\d\d\.\d% of the occurrences of labelled texts do not have the text's most frequent label, "
        "O included: look for missing spans",
        warning.message,
    )
    assert "O 10 times" in warning.details[0]


def test_illegal_transitions(tmp_path):
    found = audited(tmp_path, valid=["so/O Ada/I-PER left/O"])
    warning = found["illegal-transitions", "valid"]
    assert warning.message == (
        "1 tag in 1 sentence of valid breaks the tag scheme: "
        "they are read as seqeval reads them; correct the file"
    )
    assert warning.details == (
        f"'I-PER' after 'O' 1 time, read as 'B-PER' ({tmp_path / 'valid.conll'}:161)",
    )


def test_a_span_across_windows_and_long_sentences(tmp_path):
    long = " ".join([*["w/O"] * 4, "Ada/B-PER", *["Stone/I-PER"] * 3, *["w/O"] * 4])
    found = audited(
        tmp_path, train=[long], valid=["so/O Ada/B-PER Stone/I-PER left/O"], max_tokens=10
    )
    path = tmp_path / "train.conll"
    assert found["cut-spans", "train"].message == (
        "1 span of train is cut by windows of 10 tokens: split its sentence, or raise --max-tokens"
    )
    assert found["cut-spans", "train"].details == (f"'Ada Stone Stone Stone', PER ({path}:361)",)
    assert found["long-sentences", "train"].message == (
        "1 sentence of train (2.4%) is longer than 10 tokens: are sentence breaks missing?"
    )


def test_odd_tokens(tmp_path):
    found = audited(tmp_path, valid=["so\u200b/O it/O is/O"])
    assert set(found) == {("odd-tokens", "valid")}
    assert found["odd-tokens", "valid"].message == (
        "1 token of valid looks odd (invisible characters: 1): "
        "clean the text, or check the tokenisation"
    )
    assert audited(tmp_path, valid=[f"http://{'x' * 60}/O"]) == {}


def test_the_majority(tmp_path):
    found = audited(tmp_path, valid=[" ".join(["w/O"] * 100)] * 4)
    assert found["majority", "valid"].message == (
        "always predicting 'O' is right on 92.6% of the tokens of valid: "
        "accuracy is misleading here; read the F1 of every class"
    )


def test_imbalance(tmp_path):
    law = ["Fish/B-LAW"] * 20
    found = audited(tmp_path, train=law, valid=law, thresholds=Thresholds(imbalance=2))
    assert found["imbalance", "train"].message == (
        "LOC has 2 times the spans of LAW (40 and 20): "
        "micro F1 hides the small class; read macro F1 and the F1 of every class"
    )


def test_unknown_words(tmp_path):
    names = [f"N{letter}xq/B-PER left/O" for letter in "abcdefghijklmnopqrstuvwxyz" * 2]
    found = audited(tmp_path, valid=names, thresholds=Thresholds(total_variation=1))
    warning = found["unknown-words", "valid"]
    assert warning.message == (
        "56.5% of the tokens in spans of valid are unknown words: "
        "the network sees only their characters; keep --char-encoder, try --vectors"
    )


def test_a_tail_split(tmp_path):
    more = [text.replace("Ada", "Farid") for text in CLEAN_VALID[:4]]
    only_places = [f"{place}/B-LOC is/O far/O" for place in ("Oslo", "Lima")] * 20
    found = audited(tmp_path, valid=[*more, *only_places])
    warning = found["different-classes", "valid"]
    assert re.match(
        r"the class distribution of valid differs from that of train "
        r"\(total variation 0\.\d\d, by chance 0\.\d\d\): "
        r"is it the end of a sorted file, or from another source\? ",
        warning.message,
    )
    assert warning.details[0].startswith("largest difference: ")


def test_weights_that_follow_frequency(tmp_path):
    found = audited(tmp_path, weights=FREQUENCY)
    assert set(found) == {("weights-follow-frequency", "train")}
    assert found["weights-follow-frequency", "train"].message == (
        "class weights follow frequency: rare classes would weigh least; "
        "invert them, or give --class-weights sqrt-inverse"
    )
    assert found["weights-follow-frequency", "train"].value > 0.8


@pytest.mark.parametrize(
    "choice",
    [
        WeightChoice(class_weights="balanced"),
        WeightChoice(class_weight=("O=0.5",)),
        WeightChoice(class_weights="none", class_weight=("O=0.1", "PER=1", "LOC=2")),
        WeightChoice(class_weights="none", class_weight=("O=1", "PER=1", "LOC=1")),
    ],
)
def test_weights_that_do_not(tmp_path, choice):
    assert audited(tmp_path, weights=choice) == {}


def test_plain_tags_are_counted_in_tokens(tmp_path):
    train = write(tmp_path / "train.conll", *["a/DET dog/NOUN"] * 30, *["oh/INTJ"] * 3)
    valid = write(tmp_path / "valid.conll", *["the/DET cat/NOUN"] * 30, *["ah/INTJ"] * 3)
    found = by_rule(audit_corpora(train, valid))
    assert found["few-examples", "valid"].message == (
        "1 class has fewer than 20 tokens in valid: its F1 is uncertain"
    )
    assert ("inconsistent", None) not in found


def test_words_of_train_in_another_unicode_form(tmp_path):
    composed = [f"Jos\u00e9/B-PER saw/O M\u00e1laga/B-LOC in/O {year}/O" for year in range(30)]
    apart = [unicodedata.normalize("NFD", text) for text in composed]
    # The clean corpus adds 100 unknown words to these 60.
    assert audited(tmp_path, train=composed, valid=apart)["unicode-form", "valid"].message == (
        "37.5% of the unknown words of valid are words of train in another Unicode form: "
        "give --normalise nfc"
    )
    paths = write(tmp_path / "a.conll", *composed), write(tmp_path / "b.conll", *apart)
    found = by_rule(audit_corpora(*paths))
    assert found["unicode-form", "valid"].value == 1.0
    assert ("unknown-words", "valid") not in found
    assert ("unicode-form", "valid") not in by_rule(audit_corpora(*paths, normalise="nfc"))
    wide = [text.replace("Jos\u00e9", "\uff2a\uff4f\uff53\u00e9") for text in composed]
    warning = audited(tmp_path, train=composed, valid=wide)["unicode-form", "valid"]
    assert warning.message.endswith("give --normalise nfkc")


SLOTS = [
    f"from/O {one}/B-origin to/O {other}/B-goal"
    for one in ("Oslo", "Cairo", "Lima", "Paris", "Bern")
    for other in ("Oslo", "Cairo", "Lima", "Paris", "Bern")
    if one != other
]


def test_slots_whose_class_follows_the_word_before_need_no_advice(tmp_path):
    """Half of the spans do not have the most frequent class of their text, and no label is wrong."""
    path = write(tmp_path / "train.conll", *SLOTS)
    found = audit_corpora(path)
    assert found.consistency.different_share == 0.5
    assert found.consistency.context.share == 0
    assert "inconsistent" not in {warning.rule for warning in found.warnings}


def test_slots_against_their_context_are_named(tmp_path):
    wrong = ["from/O Oslo/B-goal now/O", "from/O Oslo/B-goal again/O", "to/O Lima/B-origin now/O"]
    path = write(tmp_path / "train.conll", *SLOTS, *wrong)
    found = {warning.rule: warning for warning in audit_corpora(path).warnings}
    assert found["inconsistent"].message == (
        "7.0% of the spans do not have the most frequent class of their text after the same word: "
        "make the labels agree, most frequent texts first"
    )
    assert found["inconsistent"].value == 3 / 43
    assert found["inconsistent"].details == (
        f"'from Oslo' is origin 4 times, goal 2 times ({path}:101)",
        f"'to Lima' is goal 4 times, origin 1 time ({path}:109)",
    )


def test_a_word_that_is_a_slot_after_some_words_only(tmp_path):
    texts = ["gate/O May/B-gate", "in/O May/O"] * 6
    found = audit_corpora(write(tmp_path / "train.conll", *texts))
    assert found.consistency.outside_share == 0.5
    assert "outside-elsewhere" not in {warning.rule for warning in found.warnings}


def test_advice_on_validation_that_was_cut_off_train(tmp_path):
    texts = [*CLEAN_TRAIN, "Fish/B-LAW Act/I-LAW"]
    found = audit_corpora(write(tmp_path / "train.conll", *texts), valid_share=0.2)
    (warning,) = [one for one in found.warnings if one.rule == "missing-from-valid"]
    assert warning.message == (
        "1 class is missing from valid: training cannot track it or choose the epoch by it; "
        "label more examples, or give a larger --valid-share"
    )


def test_one_span_has_no_interval(tmp_path):
    found = audited(tmp_path, train=["Fish/B-LAW Act/I-LAW"] * 20, valid=["Salt/B-LAW Act/I-LAW"])
    assert found["few-examples", "valid"].details == (
        "LAW 1",
        "with 1 span, the recall can only be 0 or 1",
    )
