import ast
import threading
from pathlib import Path

from seqlab.machine.cached_property import cached_property

SOURCES = Path(__file__).resolve().parents[2] / "seqlab"


class Slow:
    """`value` is computed by two threads at once: each waits until the other computes, too."""

    def __init__(self):
        self.both = threading.Barrier(2, timeout=20)

    @cached_property
    def value(self):
        self.both.wait()
        return object()


def test_threads_do_not_wait_for_each_other_and_get_the_same_value():
    slow, values = Slow(), []
    threads = [threading.Thread(target=lambda: values.append(slow.value)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 2
    assert values[0] is values[1] is slow.value
    assert Slow.value.func is not None


def test_no_module_uses_the_cached_property_that_locks():
    allowed = SOURCES / "machine" / "cached_property.py"
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.ImportFrom) else []
            assert (
                "cached_property" not in names or node.module != "functools" or path == allowed
            ), path
