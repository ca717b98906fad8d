import dataclasses
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import SettingsError
from seqlab.settings.declaring import declared, rivals
from seqlab.settings.training import (
    TrainSettings,
    make_settings,
    read_settings,
    setting_names,
)

# Names that scripts rely on, as options and as keys of a TOML file.
PROMISED = (
    "train", "valid", "test", "out", "format", "token_column", "tag_column", "scheme", "valid_share",
    "vectors", "class_weights", "class_weight", "weight_cap", "epochs", "patience",
    "batch_sentences", "batch_tokens", "select", "seed",
)  # fmt: skip


LIKELIHOOD = {"head": "crf", "crf_loss": "likelihood", "class_weights": "none"}
EMISSION = {
    "head": "crf",
    "crf_loss": "likelihood",
    "emission_weights": True,
    "class_weights": "inverse",
}


def message_of(**values):
    with pytest.raises(SettingsError) as caught:
        make_settings(**values)
    return str(caught.value)


def written(folder, text):
    path = folder / "run.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize("name", PROMISED)
def test_promised_names_are_settings(name):
    assert name in setting_names()


def test_every_setting_has_a_help_text_in_sentences():
    for name, setting in declared(TrainSettings).items():
        first, last = setting.help[0], setting.help[-1]
        assert first.isupper(), name
        assert last in ".]", name
        assert "`" not in setting.help, name  # help is shown as plain text


def test_settings_that_others_need_or_exclude_exist():
    settings = declared(TrainSettings)
    for name, entry in settings.items():
        assert entry.rules.excludes in (None, *settings), name
        assert not entry.rules.needs or entry.rules.needs[0] in settings, name


def test_rivals_exclude_each_other():
    assert rivals(TrainSettings, "valid") == {"valid_share"}
    assert rivals(TrainSettings, "valid_share") == {"valid"}
    assert rivals(TrainSettings, "epochs") == set()


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_settings().epochs = 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bacth_sentences": 3}, "unknown setting 'bacth_sentences'; nearest: 'batch_sentences'"),
        ({"qqq": 3}, "unknown setting 'qqq'"),
        ({"epochs": "3"}, "epochs is '3': expected a whole number"),
        ({"epochs": 3.0}, "epochs is 3.0: expected a whole number"),
        ({"epochs": True}, "epochs is True: expected a whole number"),
        ({"epochs": None}, "epochs is None: expected a whole number"),
        ({"dropout": "0.5"}, "dropout is '0.5': expected a number"),
        ({"weight_cap": "2"}, "weight_cap is '2': expected a number"),
        ({"overwrite": 1}, "overwrite is 1: expected true or false"),
        ({"train": 3}, "train is 3: expected text"),
        (
            {"class_weight": (4,)},
            "class_weight is (4,): expected texts such as 'PER=4', or a table",
        ),
        ({"sentence_weights": (4,)}, "sentence_weights is (4,): expected a list of texts"),
        (
            {"sentence_weights": "lenght"},
            "sentence_weights is 'lenght': expected one of length, confidence, recency, field; "
            "nearest: 'length'",
        ),
        (
            {"sentence_weights": ["length", "length"]},
            "sentence_weights is 'length' twice: give it once",
        ),
        (
            {"sentence_weights": "field"},
            "sentence_weights is ('field',), but weight_field is not given",
        ),
        (
            {"sentence_weights": "recency"},
            "sentence_weights is ('recency',), but half_life is not given",
        ),
        (
            {"word_features": ["case", "sufix"]},
            "word_features is 'sufix': expected one of case, prefix, suffix, shape, none; "
            "nearest: 'suffix'",
        ),
        (
            {"word_features": ["shape", "shape"]},
            "word_features is 'shape' twice: give it once",
        ),
        (
            {"word_features": ["shape", "none"]},
            "word_features is ('shape', 'none'): expected 'none' alone",
        ),
        ({"half_life": 0.0}, "half_life is 0.0: expected more than 0"),
        ({"keep_empty": 1.1}, "keep_empty is 1.1: expected 1 or less"),
        (
            {"resample": "scdr"},
            "resample is 'scdr': expected one of none, auto, sc, scr, scrd, nscrd, balanced; "
            "nearest: 'scr'",
        ),
        (
            {"resample": "balanced", "batch_tokens": 9},
            "resample is 'balanced': it fills batch_sentences, not batch_tokens",
        ),
        ({"class_weight": 4}, "class_weight is 4: expected texts such as 'PER=4', or a table"),
        (
            {"format": "connl"},
            "format is 'connl': expected one of conll, conllu, jsonl, parallel, csv, hf, doccano, label-studio, "
            "prodigy, brat, spacy, bioc, cas; nearest: 'conll'",
        ),
        (
            {"scheme": "bioes"},
            "scheme is 'bioes': expected one of iob1, iob2, iobes, bmes, plain; nearest: 'iobes'",
        ),
        ({"char_encoder": "gru"}, "char_encoder is 'gru': expected one of lstm, cnn, none"),
        ({"epochs": 0}, "epochs is 0: expected 1 or more"),
        ({"hidden_units": 10**20}, f"hidden_units is {10**20}: expected 2147483647 or less"),
        ({"train": "a\0b"}, "train is 'a\\x00b': expected a path"),
        ({"batch_tokens": 0}, "batch_tokens is 0: expected 1 or more"),
        ({"dropout": 1.0}, "dropout is 1.0: expected less than 1"),
        ({"dropout": -0.1}, "dropout is -0.1: expected 0 or more"),
        ({"weight_beta": 1}, "weight_beta is 1: expected less than 1"),
        ({"valid_share": 1.0}, "valid_share is 1.0: expected less than 1"),
        ({"valid_share": 0.0}, "valid_share is 0.0: expected more than 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0: expected more than 0"),
        ({"learning_rate": float("inf")}, "learning_rate is inf: expected a finite number"),
        ({"clip_norm": float("nan")}, "clip_norm is nan: expected more than 0"),
        ({"weight_cap": 0.5}, "weight_cap is 0.5: expected 1 or more"),
        ({"seed": -1}, "seed is -1: expected 0 or more"),
        ({"seed": 2**32}, "seed is 4294967296: expected 4294967295 or less"),
        (
            {"batch_sentences": 4, "batch_tokens": 9},
            "batch_sentences and batch_tokens are both given: choose one",
        ),
        (
            {"valid": "v", "valid_share": 0.1},
            "valid and valid_share are both given: choose one",
        ),
        ({"test": "t", "test_share": 0.1}, "test and test_share are both given: choose one"),
        (
            {"select": "macrof1"},
            "select is 'macrof1': expected one of macro_f1, micro_f1, min_f1, valid_loss, f1:NAME; "
            "nearest: 'macro_f1'",
        ),
        (
            {"head": "crf", "loss": "ldam"},
            "loss is 'ldam': it shifts logits, and the marginals of head 'crf' are not logits; expected "
            "cross-entropy, label-smoothing or focal, or head 'softmax'",
        ),
        (
            {"crf_loss": "likelihood", "head": "softmax"},
            "crf_loss is 'likelihood', but head is 'softmax': expected 'crf'",
        ),
        (
            {"crf_loss": "likelihood"},
            "crf_loss is 'likelihood', but head is not given: expected 'crf'",
        ),
        (
            {"head": "crf", "crf_loss": "likelihood", "class_weights": "sqrt-inverse"},
            "class_weights is 'sqrt-inverse', but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 'none', or choose crf_loss 'marginal' or emission_weights, which honour it",
        ),
        (
            {**LIKELIHOOD, "weight_cap": 20.0},
            "weight_cap is 20.0, but crf_loss is 'likelihood', a loss of whole sentences: "
            "leave it out, or choose crf_loss 'marginal' or emission_weights, which honour it",
        ),
        (
            {**LIKELIHOOD, "weight_beta": 0.9},
            "weight_beta is given, but class_weights is 'none': expected 'effective-number'",
        ),
        (
            {**LIKELIHOOD, "share_prefix_weights": False},
            "share_prefix_weights is False, but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected True, or choose crf_loss 'marginal' or emission_weights, which honour it",
        ),
        (
            {**LIKELIHOOD, "reweight_from": 3},
            "reweight_from is 3, but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 1, or choose crf_loss 'marginal', which honours it",
        ),
        (
            {**EMISSION, "reweight_from": 3},
            "reweight_from is 3, but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 1, or choose crf_loss 'marginal', which honours it",
        ),
        (
            {**EMISSION, "on_collapse": "reweight"},
            "on_collapse is 'reweight', but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 'warn', 'stop' or 'restore', or choose crf_loss 'marginal', which honours it",
        ),
        (
            {**EMISSION, "token_weight_column": "2"},
            "token_weight_column is '2', but crf_loss is 'likelihood', a loss of whole sentences: "
            "leave it out, or choose crf_loss 'marginal', which honours it",
        ),
        (
            {"head": "crf", "emission_weights": True},
            "emission_weights is True, but crf_loss is 'marginal', where class weights multiply "
            "the loss of each token: leave it out, or choose crf_loss 'likelihood'",
        ),
        (
            {**EMISSION, "class_weights": "none"},
            "emission_weights is True, but class_weights is 'none' and no class_weight is given: "
            "choose class weights",
        ),
        (
            {"emission_weights": True},
            "emission_weights is True, but crf_loss is 'marginal', where class weights multiply the "
            "loss of each token: leave it out, or choose head 'crf' and crf_loss 'likelihood'",
        ),
        (
            {"emission_weights": True, "head": "softmax"},
            "emission_weights is True, but head is 'softmax', where class weights multiply the "
            "loss of each token: leave it out, or choose head 'crf' and crf_loss 'likelihood'",
        ),
        (
            {**LIKELIHOOD, "loss": "focal"},
            "loss is 'focal', but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 'cross-entropy', or choose crf_loss 'marginal', which honours it",
        ),
        (
            {**LIKELIHOOD, "class_weight": ("PER=4",)},
            "class_weight is {'PER': 4.0}, but crf_loss is 'likelihood', a loss of whole sentences: "
            "leave it out, or choose crf_loss 'marginal' or emission_weights, which honour it",
        ),
        (
            {**LIKELIHOOD, "token_weight_column": "2"},
            "token_weight_column is '2', but crf_loss is 'likelihood', a loss of whole sentences: "
            "leave it out, or choose crf_loss 'marginal', which honours it",
        ),
        (
            {**LIKELIHOOD, "on_collapse": "reweight"},
            "on_collapse is 'reweight', but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 'warn', 'stop' or 'restore', or choose crf_loss 'marginal', which honours it",
        ),
        (
            {"focal_gamma": 1.0},
            "focal_gamma is given, but loss is 'cross-entropy': expected 'focal'",
        ),
        (
            {"loss": "focal", "ldam_margin": 0.5},
            "ldam_margin is given, but loss is 'focal': expected 'ldam'",
        ),
        (
            {"confidence_field": "sure"},
            "confidence_field is given, but sentence_weights is not given: expected 'confidence'",
        ),
        (
            {"sentence_weights": "length", "date_field": "day"},
            "date_field is given, but sentence_weights is ('length',): expected 'recency'",
        ),
        (
            {"sentence_weights": "length", "half_life": 30.0},
            "half_life is given, but sentence_weights is ('length',): expected 'recency'",
        ),
        (
            {"weight_field": "votes"},
            "weight_field is given, but sentence_weights is not given: expected 'field'",
        ),
        (
            {"weight_beta": 0.99},
            "weight_beta is given, but class_weights is 'none': expected 'effective-number'",
        ),
        ({"freeze_vectors": True}, "freeze_vectors is given, but vectors is not given"),
        (
            {"char_units": 4, "char_encoder": "none"},
            "char_units is given, but char_encoder is 'none': expected 'cnn' or 'lstm'",
        ),
        (
            {"select": "f1:"},
            "select is 'f1:': expected one of macro_f1, micro_f1, min_f1, valid_loss, f1:NAME",
        ),
    ],
)
def test_an_error_names_the_setting_its_value_and_the_expected_one(values, message):
    assert message_of(**values) == message


@pytest.mark.parametrize(
    "values",
    [
        {"dropout": 0.0},
        {"valid_share": 1e-9},
        {"seed": 2**32 - 1},
        {"seed": 0},
        {"weight_cap": 1},
        {"select": "f1:PER"},
        {"select": "valid_loss"},
        {"epochs": 1},
        {"learning_rate": 1},
        {"keep_empty": 0},
        {"crf_loss": "likelihood", "head": "crf", "class_weights": "none"},
        {"head": "crf", "loss": "focal"},
        EMISSION,
        {**EMISSION, "class_weights": "effective-number", "weight_beta": 0.9, "weight_cap": 9.0},
        {**EMISSION, "class_weight": {"PER": 4}, "share_prefix_weights": False},
        {**EMISSION, "on_collapse": "restore", "sentence_weights": ("length",)},
        {"keep_empty": 1.0},
        {"loss": "focal", "focal_gamma": 1.0, "ldam_margin": 1.0, "smoothing": 0.1},
        {"half_life": None, "weight_beta": 0.9999, "keep_vectors": "all"},
        {"vectors": "v", "freeze_vectors": True, "keep_vectors": "training", "vectors_limit": 9},
        {"sentence_weights": ("length", "recency"), "half_life": 1e-9},
    ],
)
def test_values_at_the_limits_are_accepted(values):
    settings = make_settings(**values)
    assert {name: getattr(settings, name) for name in values} == values


@pytest.mark.parametrize(
    "given", ["PER=4", ["PER=4"], ("PER=4",), {"PER": 4}], ids=["text", "list", "tuple", "table"]
)
def test_class_weights_are_accepted_in_four_types(given):
    settings = make_settings(class_weight=given)
    assert settings.class_weight == {"PER": 4}
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301
    assert hash(settings) == hash(make_settings(class_weight="PER=4"))


@pytest.mark.parametrize("given", [{"pos": 1}, "pos=1", ["pos=1"], {"pos": "1"}])
def test_feature_columns_are_accepted_in_three_types(given):
    assert make_settings(feature_columns=given).feature_columns == {"pos": "1"}


def test_paths_and_column_numbers_become_text():
    settings = make_settings(train=Path("a/b.conll"), token_column=0, tag_column=-1)
    assert (settings.train, settings.token_column, settings.tag_column) == ("a/b.conll", "0", "-1")


def test_items_omit_settings_without_a_value():
    items = dict(make_settings(train="a", class_weight=["PER=4"]).items())
    assert items["class_weight"] == ["PER=4"]
    assert "valid" not in items
    assert None not in items.values()


def test_read_settings_takes_dashes_tables_and_a_byte_order_mark(tmp_path):
    text = '\ufeffbatch-sentences = 8\ntag_column = -1\n[class_weight]\n"B-PER" = 4\nO = 0.5\n'
    assert read_settings(written(tmp_path, text)) == {
        "batch_sentences": 8,
        "tag_column": "-1",
        "class_weight": ["B-PER=4", "O=0.5"],
    }


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("bacth_sentences = 3", "unknown setting 'bacth_sentences'; nearest: 'batch_sentences'"),
        ("[model]\nepochs = 3", "unknown setting 'model'"),
        ("epochs = 3.5", "epochs is 3.5: expected a whole number"),
        ('epochs = "3"', "epochs is '3': expected a whole number"),
        ("train = true", "train is True: expected text"),
        ('overwrite = "yes"', "overwrite is 'yes': expected true or false"),
        ("token_column = true", "token_column is True: expected text"),
        ("epochs = 1979-05-27", "epochs is datetime.date(1979, 5, 27): expected a whole number"),
    ],
)
def test_an_error_in_a_file_names_the_file(tmp_path, text, fact):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(caught.value) == f"{path}: {fact}"


@pytest.mark.parametrize("nothing", ["none", [], (), ["none"]])
def test_no_word_feature_is_the_value_none(nothing):
    assert make_settings(word_features=nothing).word_features == ("none",)


@pytest.mark.parametrize("text", ["epochs = ", "epochs = 1\nepochs = 2", "epochs", "a\0b", "[x"])
def test_a_file_that_is_not_toml_is_one_line(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(f"{path}: not a TOML file: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("what", "fact"),
    [
        ("missing", "no such file"),
        ("directory", "cannot be read: is a directory"),
        ("latin-1", "not UTF-8 text; expected a TOML file"),
    ],
)
def test_an_unreadable_file_is_one_line(tmp_path, what, fact):
    path = str(tmp_path) if what == "directory" else str(tmp_path / "run.toml")
    if what == "latin-1":
        written(tmp_path, "train = 'café'".encode("latin-1"))
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(caught.value) == f"{path}: {fact}"


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8
)
some_settings = st.fixed_dictionaries(
    {},
    optional={
        "train": texts,
        "out": texts,
        "overwrite": st.booleans(),
        "format": st.sampled_from(["conll", "conllu", "jsonl", "parallel"]),
        "tag_column": texts | st.integers(-3, 9),
        "scheme": st.sampled_from(["iob1", "iob2", "iobes", "bmes", "plain"]),
        "valid_share": st.floats(1e-6, 0.99),
        "class_weight": st.dictionaries(
            texts.filter(str.strip).map(str.strip), st.floats(1e-9, 1e9), max_size=3
        ),
        "sentence_weights": st.lists(st.sampled_from(["length", "confidence"]), unique=True),
        "token_weight_column": st.integers(-3, 9),
        "word_features": st.lists(st.sampled_from(["case", "prefix", "shape"]), unique=True),
        "resample": st.sampled_from(["none", "sc", "scr", "scrd", "nscrd"]),
        "keep_empty": st.floats(0, 1),
        "augment": st.lists(st.sampled_from(["mentions", "tokens", "case"]), unique=True),
        "weight_cap": st.floats(1, 1e9) | st.integers(1, 9),
        "epochs": st.integers(1, 10**6),
        "batch_tokens": st.integers(1, 10**6),
        "learning_rate": st.floats(1e-9, 9),
        "select": texts.filter(bool).map("f1:{}".format),
        "seed": st.integers(0, 2**32 - 1),
    },
)


@given(some_settings)
def test_settings_survive_a_round_trip_through_toml(tmp_path_factory, values):
    settings = make_settings(**values)
    path = tmp_path_factory.getbasetemp() / "round.toml"
    path.write_text(tomli_w.dumps(dict(settings.items())), encoding="utf-8", newline="")
    assert make_settings(**read_settings(str(path))) == settings


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from(setting_names()), anything)
def test_any_value_makes_settings_or_a_one_line_error(name, value):
    message = ""
    try:
        settings = make_settings(**{name: value})
    except SettingsError as error:
        message = str(error)
    else:
        held = getattr(settings, name)
        assert isinstance(held, tuple | Mapping) or held in (value, str(value))
    assert "\n" not in message
    assert message == "" or message.startswith(name)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"raw_text": "t", "token_column": "none", "numeric_columns": ["a=1"]},
            "token_column is 'none', so there are no words for raw_text: leave it out",
        ),
        (
            {"raw_text": "t", "init_from": "r"},
            "raw_text is given, but r keeps the words of its own training: leave it out",
        ),
        ({"raw_text_use": "clusters"}, "raw_text_use is given, but raw_text is not given"),
        (
            {"augment_share": 0.2},
            "augment_share is given, but augment is not given: expected 'mentions' or 'tokens' or 'segments' or 'case'",
        ),
        (
            {"augment": "mention"},
            "augment is 'mention': expected one of mentions, tokens, segments, case; nearest: 'mentions'",
        ),
        ({"replay": "old.conll"}, "replay is given, but init_from is not given"),
        ({"valid_old": "old.conll"}, "valid_old is given, but init_from is not given"),
        ({"drop_tag": "PER"}, "drop_tag is given, but init_from is not given"),
        ({"freeze": "words"}, "freeze is given, but init_from is not given"),
        ({"init_from": "r", "replay_share": 0.3}, "replay_share is given, but replay is not given"),
        (
            {"init_from": "r", "replay": "o", "replay_share": 1},
            "replay_share is 1: expected less than 1",
        ),
        (
            {"init_from": "r", "replay": "o", "replay_share": 0},
            "replay_share is 0: expected more than 0",
        ),
        (
            {"init_from": "r", "freeze": "word"},
            "freeze is 'word': expected one of words, characters, features, bilstm; nearest: 'words'",
        ),
        (
            {"init_from": "r", "replay": "o", "replay_outside": "ignore", "crf_loss": "likelihood", "head": "crf"},
            "replay_outside is 'ignore', but crf_loss is 'likelihood', a loss of whole sentences: "
            "expected 'keep', or choose crf_loss 'marginal', which honours it",
        ),
        ({"init_from": "r", "out": "./r"}, "out and init_from are both r; choose another --out"),
        ({"teacher": "r", "out": "./r"}, "out and teacher are both r; choose another --out"),
    ],
)  # fmt: skip
def test_a_continued_training_needs_its_run(values, message):
    with pytest.raises(SettingsError) as caught:
        make_settings(**values)
    assert str(caught.value) == message


def test_any_words_may_name_tags():
    assert make_settings(tag_names=["O", "B-PER"]).tag_names == ("O", "B-PER")
