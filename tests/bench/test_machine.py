import subprocess
import sys
import time

from bench.machine import Watch, describe, own_seconds

WORK = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


def test_what_the_head_of_the_page_needs():
    found = describe()
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 10**8
    assert found["numpy"][0].isdigit()
    assert found["cpu"]


def test_an_ended_child_is_no_stranger():
    before = own_seconds()
    subprocess.run([sys.executable, "-c", WORK], check=True)
    assert own_seconds() - before >= 0.3


def test_a_part_carries_its_date_and_duration():
    watch = Watch()
    time.sleep(0.05)
    found = watch.read()
    assert found["seconds"] >= 0.05
    assert 0 <= found["others"] <= 1.5  # the kernel counts in hundredths of a second
    assert time.strptime(found["date"], "%Y-%m-%d")
