"""The alarms of an epoch as lines: new, repeated, and many."""

from dataclasses import replace

from seqlab.reporting.alarm_text import MOST_ALARMS, alarm_key, alarm_lines
from seqlab.reporting.class_alarms import class_alarms
from seqlab.reporting.log import Log
from seqlab.training.collapse import LossFall
from tests.reporting.records import alarm, figures, record


def never_found(name, *, support=10, weight=1.0):
    loss = LossFall("valid loss", 3.0, 2.5)
    return replace(
        alarm(name), rule="never-found", epoch=5, since=1, support=support, weight=weight, loss=loss
    )


def test_a_new_alarm_is_told_in_full_and_a_repeated_one_in_one_line():
    lines = []
    log = Log(lines.append, None)
    for epoch in (2, 3, 4):
        log.epoch(record(epoch, alarms=[alarm(epoch=epoch)]), epochs=9)
    log.epoch(record(5), epochs=9)
    log.epoch(record(6, alarms=[alarm(epoch=6)]), epochs=9)
    told = [line for text in lines for line in text.splitlines() if "ALARM" in line]
    assert told[0] == told[3] == f"  ALARM vanished: {alarm().message()}"
    assert told[1:3] == ["  ALARM still: PER (vanished since epoch 2)"] * 2
    assert len(told) == 4


def test_a_resumed_training_does_not_repeat_the_alarms_of_its_last_epoch():
    lines = []
    log = Log(lines.append, None)
    log.restart_history([record(2, alarms=[alarm()])])
    log.epoch(record(3, alarms=[alarm(epoch=3)]), epochs=9)
    assert lines[-1].splitlines()[-1] == "  ALARM still: PER (vanished since epoch 2)"


def test_many_new_alarms_are_one_line_per_rule():
    alarms = [never_found(f"slot_{number}", support=5 + number) for number in range(80)]
    assert alarm_lines(alarms) == [
        "  ALARM never-found: 80 classes were never found, most gold first: slot_79 (84 gold), slot_78 (83 gold), "
        "slot_77 (82 gold), slot_76 (81 gold), slot_75 (80 gold), and 75 more; meanwhile valid loss fell from "
        "3.0000 to 2.5000. Try --class-weights sqrt-inverse, or more training examples of them"
    ]
    told = set(map(alarm_key, alarms))
    assert alarm_lines(alarms, told) == [
        "  ALARM still: slot_79 (never found), slot_78 (never found), slot_77 (never found), "
        "slot_76 (never found), slot_75 (never found), and 75 more"
    ]


def test_up_to_three_are_told_one_by_one():
    alarms = [never_found(name) for name in "ABC"]
    assert alarm_lines(alarms) == [f"  ALARM never-found: {one.message()}" for one in alarms]
    assert MOST_ALARMS == 3


def test_the_advice_for_many_follows_their_rule_and_their_weights():
    def advice(alarms):
        return alarm_lines(alarms)[0].partition(". Try ")[2]

    several = [never_found(f"c{n}", weight=float(n + 1)) for n in range(4)]
    assert advice(several) == "another --class-weights, or more training examples of them"
    unweighted = [replace(one, weight=None) for one in several]
    assert advice(unweighted) == (
        "--crf-loss marginal, on which class weights act, or more training examples of them"
    )
    halved = [replace(one, rule="halved") for one in several]
    assert advice(halved) == "--select min_f1, or a smaller --learning-rate"
    forgotten = [replace(one, rule="forgotten") for one in several]
    assert advice(forgotten) == "--replay with the old training data, or a smaller --learning-rate"


def lines_of(history):
    return [one.to_json() for one in history]


def test_the_text_of_an_alarm_that_is_overcome_has_no_advice():
    history = [record(1, found=figures(PER=(8, 9, 10))), record(2, alarms=[alarm()])]
    (one,) = class_alarms(lines_of(history), 1)
    assert one.text(1) == (
        f"{alarm().fact()} (overcome: epoch 1 is kept, which finds it; alarm in epochs 2)"
    )
    (one,) = class_alarms(lines_of(history), 2)
    assert one.text(2) == f"{alarm().message()} (alarm in epochs 2)"


def test_an_alarm_is_overcome_when_the_kept_epoch_finds_the_class():
    found, lost = figures(PER=(8, 9, 10)), figures(PER=(0, 0, 10))
    history = [
        record(1, found=found),
        record(2, found=lost, alarms=[alarm()]),
        record(3, found=found),
    ]
    for kept, overcome in ((1, True), (2, False), (3, True)):
        (one,) = class_alarms(lines_of(history), kept)
        assert (one.overcome, one.epochs) == (overcome, (2,))


def test_a_class_that_the_kept_epoch_never_found_is_not_overcome():
    lost = figures(PER=(0, 0, 10))
    history = [record(n, found=lost) for n in (1, 2)] + [
        record(3, found=lost, alarms=[never_found("PER")])
    ]
    assert [one.overcome for one in class_alarms(lines_of(history), 1)] == [False]
    assert class_alarms(lines_of([record(1), record(2)]), 2) == []
