"""A run that changes is loaded again, and no request is dropped meanwhile."""

import asyncio
import threading

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.serving.reloading import Reloader
from seqlab.serving.served_taggers import NamedRun, TaggerSet, load_named
from tests.exporting.random_taggers import random_tagger
from tests.serving.asking import listening, send, service_of, tag
from tests.serving.test_connections import answer, request


@pytest.fixture
def run(tmp_path):
    """A run with a CRF, to be replaced by one without."""
    seqlab.save(random_tagger(columns=False), tmp_path / "run")
    return NamedRun("news", tmp_path / "run")


def replace_run(run):
    seqlab.save(random_tagger(columns=False, head="softmax"), run.path, overwrite=True)


def look(reloader):
    """Look for changes and wait until they are loaded."""

    async def wait():
        reloader.look()
        await reloader.task

    asyncio.run(wait())


def test_a_changed_run_is_loaded_and_a_damaged_one_is_not(run):
    first, done = load_named(run), []
    taggers = TaggerSet([first])
    reloader = Reloader([run], taggers, lambda _, result: done.append(result))
    look(reloader)
    assert taggers.by_name == {"news": first}
    replace_run(run)
    look(reloader)
    second = taggers.by_name["news"]
    assert done == [second]
    assert second.version != first.version
    assert second.tagger.architecture.head == "softmax"

    weights = run.path / "weights.npz"
    content = weights.read_bytes()
    manifest = run.path / "manifest.json"
    manifest.write_text(manifest.read_text() + " ")  # another version, of which a file is damaged
    weights.write_bytes(content[:-9])
    look(reloader)
    look(reloader)
    assert taggers.by_name["news"] is second
    assert [type(one) for one in done[1:]] == [seqlab.errors.RunError]  # told once
    size = f"it has {len(content) - 9} bytes, but {len(content)} in the manifest"
    assert str(done[1]) == f"{weights}: damaged: {size}; copy or train the run again"

    weights.write_bytes(content)
    manifest.write_text(manifest.read_text() + " ")
    look(reloader)
    assert len(done) == 3
    manifest.rename(run.path / "away")
    look(reloader)
    assert len(done) == 3


def test_a_run_that_fails_without_a_user_error_is_told_once_per_version(run, monkeypatch):
    first = load_named(run)
    with service_of(first) as service:
        reloader = Reloader([run], service.taggers, service.reloaded)
        replace_run(run)
        path = "seqlab.serving.reloading.load_named"
        reasons = iter(["indices[0,2] = 9 is not in [0, 4)\n\nArguments received: …", ""])

        def load(_):
            raise RuntimeError(next(reasons))

        with monkeypatch.context() as patch:
            patch.setattr(path, load)
            look(reloader)
            look(reloader)
            manifest = run.path / "manifest.json"
            manifest.write_text(manifest.read_text() + " ")
            look(reloader)
            look(reloader)
        assert service.taggers.by_name == {"news": first}
        event = {"event": "failed reload", "tagger": "news"}
        assert service.log.lines == [
            {**event, "error": f"{run.path}: indices[0,2] = 9 is not in [0, 4)"},
            {**event, "error": f"{run.path}: RuntimeError"},
        ]
        assert "\nseqlab_failed_reloads_total 2\n" in service.figures()
        manifest.write_text(manifest.read_text() + " ")
        look(reloader)
        assert service.log.lines[-1]["event"] == "reload"


def test_a_run_that_is_missing_for_some_looks_is_told_once(run):
    first = load_named(run)
    away = run.path.with_name("away")
    with service_of(first) as service:
        reloader = Reloader([run], service.taggers, service.reloaded)
        run.path.rename(away)
        for _ in range(4):
            look(reloader)
        assert service.log.lines == []
        for _ in range(3):
            look(reloader)
        event = {"event": "missing run", "tagger": "news", "path": str(run.path)}
        assert service.log.lines == [event]
        away.rename(run.path)
        look(reloader)
        assert service.log.lines == [event]
        (run.path / "manifest.json").unlink()
        for _ in range(5):
            look(reloader)
        assert service.log.lines == [event, event]
        assert tag(service, {"text": "a"})[0] == 200
        assert "\nseqlab_missing_runs_total 2\n" in service.figures()


def test_requests_go_on_while_a_run_is_replaced(run):
    first = load_named(run)
    statuses, versions, stop = [], [], threading.Event()
    with service_of(first, reload=True) as service, listening(service, [run]) as port:

        def ask():
            while not stop.is_set():
                status, value = answer(send(port, request(b'{"text": "Ada saw OSLO"}')))
                statuses.append(status)
                versions.append(value["version"])

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        replace_run(run)
        while first.version == service.taggers.by_name["news"].version and not stop.wait(0.05):
            pass
        stop.wait(0.2)
        stop.set()
        for client in clients:
            client.join()
        assert tag(service, {"text": "a"})[1]["version"] != first.version
    assert set(statuses) == {200}
    assert len(set(versions)) == 2
    assert versions.index(first.version) == 0
    events = [line for line in service.log.lines if "event" in line]
    assert [(one["event"], one["tagger"]) for one in events] == [("reload", "news")]


def test_two_versions_of_a_run_are_served_side_by_side(run, tmp_path):
    seqlab.save(random_tagger(columns=False, head="softmax"), tmp_path / "old" / "run")
    old = NamedRun("old", tmp_path / "old" / "run")
    with service_of(load_named(run), load_named(old)) as service:
        answers = [tag(service, {"text": "a", "tagger": name})[1] for name in ("news", "old")]
    assert len({one["version"] for one in answers}) == 2
    assert [one["tagger"] for one in answers] == ["news", "old"]


def test_a_run_that_is_no_run_is_one_line(tmp_path):
    with pytest.raises(UserError) as caught:
        load_named(NamedRun("x", tmp_path / "none"))
    assert str(caught.value) == f"{tmp_path / 'none'}: no run of seqlab here"
