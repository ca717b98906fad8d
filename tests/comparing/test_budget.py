import pytest

from seqlab.comparing import budget
from seqlab.comparing.budget import Budget, machine_memory_gb, make_budget
from seqlab.errors import SettingsError


def test_cores_are_shared_out(monkeypatch):
    monkeypatch.setattr(budget, "usable_cores", lambda: 8)
    made = [make_budget(processes, 4) for processes in (None, 1, 3, 20)]
    assert [(b.processes, b.threads) for b in made] == [(8, 1), (1, 8), (3, 2), (20, 1)]
    assert made[2].environment()["TF_NUM_INTRAOP_THREADS"] == "2"


def test_memory_holds_back_what_would_not_fit():
    small = Budget(processes=4, threads=1, memory=2.0)
    assert small.has_room(0, 99.0)  # one training may always run
    assert not small.has_room(1, None)
    assert small.has_room(1, 0.7)
    assert not small.has_room(2, 0.7)
    assert not Budget(processes=2, threads=1, memory=99).has_room(2, 0.1)


def test_the_machine_has_some_memory(tmp_path, monkeypatch):
    whole = machine_memory_gb()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(budget, "CGROUP_LIMIT", limit)
    limit.write_text("1073741824\n")
    assert machine_memory_gb() == 1.0
    limit.write_text("max\n")
    assert machine_memory_gb() >= whole


@pytest.mark.parametrize(
    ("processes", "memory", "message"),
    [(0, None, "processes is 0: expected"), (1, 0.0, "memory is 0.0: expected a number of GB")],
)
def test_mistakes(processes, memory, message):
    with pytest.raises(SettingsError, match=message):
        make_budget(processes, memory)
