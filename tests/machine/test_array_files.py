"""Archives of arrays: what numpy writes is read, and everything else is refused before memory is taken."""

import io
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.errors import RunError
from seqlab.machine.array_files import ArraySpec, map_array, read_arrays
from seqlab.machine.regular_files import open_regular

KERNEL = np.arange(12, dtype=np.float32).reshape(3, 4)
STATE = np.frombuffer(b'{"epoch": 3}', np.uint8)
ARRAYS = {"lstm/0": KERNEL, "state": STATE}
SPECS = {"lstm/0": ArraySpec((3, 4)), "state": ArraySpec((None,), "uint8")}


def refusal(path, specs=SPECS):
    with pytest.raises(RunError) as caught:
        read_arrays(path, specs)
    message = str(caught.value)
    start, end = f"{path}: not readable as arrays: ", "; copy or train the run again"
    assert message.startswith(start)
    assert message.endswith(end)
    return message.removeprefix(start).removesuffix(end)


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def archive(path, members, **keywords):
    with zipfile.ZipFile(path, "w", **keywords) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def with_state(path, content, **keywords):
    """An archive whose first member is right, and whose second one is this."""
    return archive(path, [("lstm/0.npy", npy(KERNEL)), ("state.npy", content)], **keywords)


@pytest.mark.bits("copied")
def test_what_numpy_writes_is_read_in_the_expected_order(tmp_path):
    np.savez(tmp_path / "a.npz", **ARRAYS)
    arrays = read_arrays(tmp_path / "a.npz", dict(reversed(SPECS.items())))
    assert list(arrays) == ["state", "lstm/0"]
    for name, array in arrays.items():
        assert array.dtype == ARRAYS[name].dtype
        assert array.flags.writeable
        np.testing.assert_array_equal(array, ARRAYS[name])


TYPES = st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool", ">f4", ">i8"])


@pytest.mark.bits("copied")
@settings(max_examples=50)
@given(TYPES, st.lists(st.integers(0, 5), max_size=4), st.booleans(), st.randoms())
def test_arrays_of_any_shape_type_and_order_come_back(
    tmp_path_factory, dtype, shape, fortran, dice
):
    path = tmp_path_factory.mktemp("arrays") / "a.npz"
    numbers = [dice.randrange(256) for _ in range(int(np.prod(shape)))]
    array = np.array(numbers, dtype).reshape(shape, order="F" if fortran else "C")
    np.savez(path, one=array)
    native = array.dtype.newbyteorder("=")
    found = read_arrays(path, {"one": ArraySpec(tuple(shape), native.name)})["one"]
    assert found.dtype == native
    np.testing.assert_array_equal(found, array)
    path = path.with_name("a.npy")
    np.save(path, array)
    with open_regular(path) as file:
        mapped = map_array(file, path, ArraySpec((None,) * len(shape), native.name))
    np.testing.assert_array_equal(mapped, array)


@pytest.mark.parametrize(
    ("arrays", "fact"),
    [
        ({"lstm/0": KERNEL}, "array 'state' is missing"),
        (
            {**ARRAYS, "lstm/1": STATE},
            "holds an array 'lstm/1' that is not expected; nearest: 'lstm/0'",
        ),
        (
            {**ARRAYS, "lstm/0": KERNEL.T},
            "array 'lstm/0': holds float32 (4, 3), expected float32 (3, 4)",
        ),
        (
            {**ARRAYS, "lstm/0": KERNEL[0]},
            "array 'lstm/0': holds float32 (4,), expected float32 (3, 4)",
        ),
        (
            {**ARRAYS, "lstm/0": KERNEL.astype("f8")},
            "array 'lstm/0': holds float64 (3, 4), expected float32 (3, 4)",
        ),
        (
            {**ARRAYS, "state": STATE[:, None]},
            "array 'state': holds uint8 (12, 1), expected uint8 (*,)",
        ),
        (
            {**ARRAYS, "state": np.array("x")},
            "array 'state': no .npy header of an array of numbers",
        ),
        (
            {**ARRAYS, "state": np.zeros(2, [("a", "f4")])},
            "array 'state': no .npy header of an array of numbers",
        ),
    ],
)
def test_other_arrays_are_refused(tmp_path, arrays, fact):
    np.savez(tmp_path / "a.npz", **arrays)
    assert refusal(tmp_path / "a.npz") == fact


class Canary:
    """Unpickling it calls a function."""

    def __reduce__(self):
        return pytest.fail, ("code of the file has run",)


def test_no_object_is_unpickled(tmp_path):
    with pytest.raises(pytest.fail.Exception):  # the canary works
        pickle.loads(pickle.dumps(Canary()))  # noqa: S301
    path = with_state(tmp_path / "a.npz", npy(np.array([Canary()], object)))
    assert refusal(path) == "array 'state': no .npy header of an array of numbers"
    path.write_bytes(pickle.dumps(Canary()))
    assert refusal(path) == "File is not a zip file"


def header(text, version=b"\x01\x00"):
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text


GOOD = b"{'descr': '|u1', 'fortran_order': False, 'shape': (12,), }\n"


@pytest.mark.bits("copied")
@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "no .npy header of version 1.0"),
        (header(GOOD, b"\x02\x00") + STATE.tobytes(), "no .npy header of version 1.0"),
        (header(GOOD)[:9], "no .npy header of version 1.0"),
        (header(GOOD)[:40], "no .npy header of an array of numbers"),
        (header(GOOD.replace(b"12", b"'12'")), "no .npy header of an array of numbers"),
        (header(GOOD.replace(b"12", b"-12")), "no .npy header of an array of numbers"),
        (header(b"(" * 60_000), "no .npy header of an array of numbers"),
        (header(GOOD.replace(b"|u1", b"|O8")), "no .npy header of an array of numbers"),
        (header(GOOD.replace(b"|u1", b"<q9")) + STATE.tobytes(), "unknown type '<q9'"),
        (
            header(GOOD.replace(b"12", b"13")) + STATE.tobytes(),
            "its header promises 13 bytes of numbers, but it holds 12",
        ),
        (
            header(GOOD.replace(b"12", b"9" * 15)) + STATE.tobytes(),
            "its header promises 999999999999999 bytes of numbers, but it holds 12",
        ),
        (
            header(GOOD) + STATE.tobytes() + b"x",
            "its header promises 12 bytes of numbers, but it holds 13",
        ),
    ],
)
def test_damaged_headers_are_refused(tmp_path, content, fact):
    path = with_state(tmp_path / "a.npz", content)
    assert refusal(path) == f"array 'state': {fact}"
    path.write_bytes(content)
    with open_regular(path) as file, pytest.raises(RunError) as caught:
        map_array(file, path, SPECS["state"])
    assert (
        str(caught.value) == f"{path}: not readable as arrays: {fact}; copy or train the run again"
    )


def test_a_bomb_is_refused_without_unpacking(tmp_path):
    bomb = npy(np.zeros(50_000_000, np.uint8))
    path = with_state(tmp_path / "a.npz", bomb, compression=zipfile.ZIP_DEFLATED)
    del bomb
    tracemalloc.start()
    expected = "array 'lstm/0' is compressed; expected an uncompressed archive"
    assert refusal(path) == expected
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_an_archive_of_many_members_is_refused_before_they_are_listed(tmp_path):
    path = archive(tmp_path / "a.npz", [(f"{n:06}", b"") for n in range(25_000)])
    tracemalloc.start()
    assert refusal(path) == "its list of members is longer than 1048576 bytes"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_repeated_members_are_refused(tmp_path):
    members = [("lstm/0.npy", npy(KERNEL)), ("state.npy", npy(STATE)), ("state", npy(STATE))]
    assert refusal(archive(tmp_path / "a.npz", members)) == "holds array 'state' twice"


def test_encrypted_members_are_refused(tmp_path):
    path = with_state(tmp_path / "a.npz", npy(STATE))
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "array 'state' is encrypted"


def test_members_that_overlap_are_refused(tmp_path):
    path = with_state(tmp_path / "a.npz", npy(KERNEL))
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = bytes(4)  # the second member begins where the first does
    path.write_bytes(content)
    assert refusal(path, {"lstm/0": ArraySpec((3, 4)), "state": ArraySpec((3, 4))}).startswith(
        "array 'state': "
    )


@pytest.mark.bits("copied")
def test_a_flipped_bit_and_a_cut_file_are_seen(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **ARRAYS)
    whole = path.read_bytes()
    content = bytearray(whole)
    content[whole.index(KERNEL.tobytes())] ^= 1
    path.write_bytes(content)
    assert refusal(path) == "array 'lstm/0': Bad CRC-32 for file 'lstm/0.npy'"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        refusal(path)
    for place in range(0, len(whole), 2):  # any answer, but no traceback
        content = bytearray(whole)
        content[place] ^= 0x55
        path.write_bytes(content)
        try:
            arrays = read_arrays(path, SPECS)
        except RunError:
            continue
        assert all((arrays[name] == ARRAYS[name]).all() for name in ARRAYS), place


def test_a_missing_file(tmp_path):
    with pytest.raises(RunError) as caught:
        read_arrays(tmp_path / "a.npz", SPECS)
    assert str(caught.value) == f"{tmp_path / 'a.npz'}: no such file"
