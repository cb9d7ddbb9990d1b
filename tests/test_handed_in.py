"""Everything below a path is listed: links are not followed, and no zip costs more than its bounds."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import CONV, notebook, write, zipped

from autograder.course import handed_in
from autograder.course.handed_in import File, Search

N = notebook(CONV)
posix = pytest.mark.skipif(os.name != "posix", reason="the kind of file is POSIX's")


def below(root: Path, spare: Path | None = None) -> dict[str, str]:
    """By path, the problem."""
    return {"/".join(file.parts): file.problem for file in Search(spare).below(root)}


@pytest.fixture
def spare(tmp_path: Path) -> Path:
    folder = tmp_path / "spare"
    folder.mkdir()
    return folder


# Folders


def test_every_file_is_listed_whatever_it_is(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"a.ipynb": N, "b/c/d.py": CONV, "b/x.tar.gz": "", "b/y.pdf": "", "e/": "", "f": ""})
    assert below(root) == {
        "a.ipynb": "",
        "b/c/d.py": "",
        "b/x.tar.gz": "is an archive of a kind that is not opened; a zip is",
        "b/y.pdf": "is not a notebook, a .py file or a zip",
        "e": "is empty",
        "f": "is not a notebook, a .py file or a zip",
    }


def test_housekeeping_is_counted_and_hidden_work_is_listed(tmp_path: Path) -> None:
    names = [
        ".DS_Store", "._work.ipynb", ".git/HEAD", ".ipynb_checkpoints/work-checkpoint.ipynb", "__MACOSX/x", "timestamp.txt",
        "a/Thumbs.db", "a/__pycache__/x.py", "node_modules/x.py", "venv/x.py", ".venv/x.py",
    ]  # fmt: skip
    root = write(tmp_path / "c", {**dict.fromkeys(names, "x"), "a/w.ipynb": N, "b/.work.ipynb": N, "b/.ipynb": N})
    search = Search()
    found = {"/".join(file.parts): file.problem for file in search.below(root)}
    hidden = "has a name that begins with a dot, so most programs hide it"
    assert found == {"a/w.ipynb": "", "b/.work.ipynb": hidden, "b/.ipynb": hidden}
    assert search.passed_over == {handed_in.HOUSEKEEPING: len(names)}


@posix
def test_no_link_is_followed_and_none_tells_where_it_leads(tmp_path: Path) -> None:
    write(tmp_path / "secret", {"answers.ipynb": N, "deep/x.ipynb": N})
    root = write(tmp_path / "c", {"amy/w.ipynb": N, "mallory/": "", "loop/": ""})
    for name, target in {
        "mallory/file.ipynb": "../amy/w.ipynb", "mallory/02_convolution": "../amy", "mallory/gone.ipynb": "/no/such/file",
        "secret": tmp_path / "secret", "loop/loop": "..", "z.zip": "amy/w.ipynb",
    }.items():  # fmt: skip
        (root / name).symlink_to(target)
    found = below(root)
    assert found.pop("amy/w.ipynb") == ""
    assert set(found) == {
        "mallory/file.ipynb",
        "mallory/02_convolution",
        "mallory/gone.ipynb",
        "secret",
        "loop/loop",
        "z.zip",
    }
    assert set(found.values()) == {"is a link: only files themselves are graded"}
    assert below(root / "mallory" / "02_convolution") == {"02_convolution": handed_in.LINK}


@posix
def test_a_hard_link_is_the_file_that_it_is(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"amy/w.ipynb": N, "bo/": ""})
    (root / "bo" / "w.ipynb").hardlink_to(root / "amy" / "w.ipynb")
    assert below(root) == {"amy/w.ipynb": "", "bo/w.ipynb": ""}


@posix
def test_pipes_sockets_and_devices_are_named_and_never_opened(tmp_path: Path, spare: Path) -> None:
    root = write(tmp_path / "c", {"amy.ipynb": N})
    os.mkfifo(root / "pipe.ipynb")
    os.mkfifo(root / "pipe.zip")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(root / "s.py"))
        found = below(root, spare)
    assert {found[name] for name in ("pipe.ipynb", "pipe.zip", "s.py")} == {"is not a plain file"}
    assert below(Path("/dev/null")) == {"null": "is not a plain file"}


def test_nested_folders_whose_path_no_system_takes_break_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So they are made, and removed again, from inside."""
    root = write(tmp_path / "c", {"amy.ipynb": N})
    monkeypatch.chdir(root)
    for _ in range(450):
        Path("ten-letter").mkdir()
        os.chdir("ten-letter")
    Path("deep.ipynb").write_bytes(N)
    try:
        found = below(root)
    finally:
        Path("deep.ipynb").unlink()
        for _ in range(450):
            os.chdir("..")
            Path("ten-letter").rmdir()
    assert found.pop("amy.ipynb") == ""
    ((path, problem),) = found.items()
    assert path.count("/") == handed_in.MAX_DEPTH and problem == "lies in more than 20 folders"


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"amy.ipynb": N, "bo/w.ipynb": N})
    (root / "bo").chmod(0)
    try:
        assert below(root)["bo"] == "cannot be opened (Permission denied)"
    finally:
        (root / "bo").chmod(0o700)


def test_a_folder_that_cannot_be_opened_costs_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "c", {"amy/w.ipynb": N, "bo/w.ipynb": N})
    real = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "bo":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(handed_in.os, "scandir", refuse)
    assert below(root) == {"amy/w.ipynb": "", "bo": "cannot be opened (Permission denied)"}


# Zips


def packed(tmp_path: Path, spare: Path, data: bytes) -> dict[str, str]:
    """What is found in a zip beside which an honest student's lies."""
    root = tmp_path / "c"
    root.mkdir()
    (root / "bad.zip").write_bytes(data)
    (root / "good.zip").write_bytes(zipped({"w.ipynb": N}))
    found = below(root, spare)
    assert found.pop("good.zip/w.ipynb") == ""
    return {name.removeprefix("bad.zip/"): problem for name, problem in found.items()}


def test_members_are_unpacked_under_numbers_and_only_if_they_may_be_submissions(tmp_path: Path, spare: Path) -> None:
    path = tmp_path / "amy.zip"
    path.write_bytes(zipped({"hw/w.IPYNB": N, "hw/a.py": CONV, "hw/photo.png": "x" * 1000, "hw/": ""}))
    found = {"/".join(file.parts): file for file in Search(spare).below(path)}
    assert found["hw/w.IPYNB"].path.read_bytes() == N and found["hw/a.py"].path.read_bytes() == CONV.encode()
    assert found["hw/photo.png"].problem
    assert sorted(p.name for p in spare.iterdir()) == ["000001.ipynb", "000002.py"]


def test_zips_in_zips_are_opened_and_only_so_many(tmp_path: Path, spare: Path) -> None:
    data = N
    for level in range(5):
        data = zipped({f"{level}.zip" if level else "w.ipynb": data, f"n{level}.py": CONV})
    found = packed(tmp_path, spare, data)
    assert {name: problem for name, problem in found.items() if problem} == {
        "4.zip/3.zip/2.zip": "lies in 3 zips, one in another"
    }
    assert set(found) == {"4.zip/3.zip/2.zip", "n4.py", "4.zip/n3.py", "4.zip/3.zip/n2.py"}
    assert not list(spare.glob("*.zip")), "an archive that was unpacked takes no place"


@pytest.mark.parametrize(
    "name",
    ["../x.ipynb", "a/../../x.ipynb", "/etc/x.ipynb", "..\\x.ipynb", "C:\\x.ipynb", "\\x.ipynb", "__MACOSX/../x.py"],
)
def test_no_member_leaves_its_zip(tmp_path: Path, spare: Path, name: str) -> None:
    found = packed(tmp_path, spare, zipped({name: N, "ok.ipynb": N}))
    assert found.pop("ok.ipynb") == ""
    assert list(found.values()) == ["has a path that leads out of its zip"]
    assert {p.name for p in spare.iterdir()} == {"000001.ipynb", "000002.ipynb"}
    assert {p.name for p in tmp_path.iterdir()} == {"c", "spare"}


def test_three_thousand_folders_in_a_zip_break_nothing(tmp_path: Path, spare: Path) -> None:
    found = packed(tmp_path, spare, zipped({f"{'d/' * 3000}w.ipynb": N, "ok.ipynb": N}))
    assert sorted(found.values()) == ["", "lies in more than 20 folders"]


def test_backslashes_are_folders(tmp_path: Path, spare: Path) -> None:
    assert packed(tmp_path, spare, zipped({"hw\\src\\w.ipynb": N})) == {"hw/src/w.ipynb": ""}


def test_a_link_in_a_zip_is_a_link(tmp_path: Path, spare: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("w.ipynb")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert packed(tmp_path, spare, buffer.getvalue()) == {"w.ipynb": handed_in.LINK}


def test_a_member_that_grows_like_a_bomb_is_not_unpacked(tmp_path: Path, spare: Path) -> None:
    found = packed(tmp_path, spare, zipped({"w.ipynb": b"0" * (4 << 20), "ok.ipynb": b"0" * 1000}))
    assert found == {"w.ipynb": "grows more than 200 times when it is unpacked, as no notebook does", "ok.ipynb": ""}
    assert sum(p.stat().st_size for p in spare.iterdir()) < 10_000


def test_a_notebook_of_equal_outputs_is_unpacked(tmp_path: Path, spare: Path) -> None:
    output = b'{"output_type": "stream", "name": "stdout", "text": ["%d/469 loss: 0.%d\\n"]},\n'
    data = b"".join(output % (i % 469, i * 7919 % 9973) for i in range(100_000))
    assert packed(tmp_path, spare, zipped({"w.ipynb": data})) == {"w.ipynb": ""}


def test_a_member_larger_than_any_submission_is_not_unpacked(
    tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MAX_FILE", 1 << 20)
    found = packed(tmp_path, spare, zipped({"w.ipynb": os.urandom((1 << 20) + 1)}))
    assert found == {"w.ipynb": "is larger than 1 MB"}


def test_what_a_zip_holds_in_all_is_bounded_over_the_zips_in_it(
    tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MAX_OF_STUDENT", 300_000)
    noise = [os.urandom(50_000) for _ in range(6)]
    inner = zipped({f"{i}.ipynb": noise[i] for i in range(3)})
    found = packed(
        tmp_path, spare, zipped({"a.zip": inner, "b.ipynb": noise[3], "c.ipynb": noise[4]}, zipfile.ZIP_STORED)
    )
    too_much = [name for name, problem in found.items() if problem.startswith("is too much")]
    assert too_much == ["a.zip/2.ipynb", "b.ipynb", "c.ipynb"]


def test_a_students_zip_takes_nothing_from_the_others_in_a_class(
    tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MAX_OF_STUDENT", 120_000)
    monkeypatch.setattr(handed_in, "MAX_UNPACKED", 600_000)
    noise = [os.urandom(50_000) for _ in range(3)]
    greedy = zipped({f"{i}.ipynb": data for i, data in enumerate(noise)})
    path = tmp_path / "class.zip"
    path.write_bytes(
        zipped({"a.zip": greedy, "b.zip": greedy, "c.zip": zipped({"w.ipynb": noise[0]})}, zipfile.ZIP_STORED)
    )
    assert [name for name, problem in below(path, spare).items() if problem] == ["a.zip/2.ipynb", "b.zip/2.ipynb"]
    monkeypatch.setattr(handed_in, "MAX_UNPACKED", 310_000)
    assert [name for name, problem in below(path, spare).items() if problem][-1] == "c.zip"


def test_unpacking_does_not_fill_the_disk(tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many zips a student has: nobody's report could be written then."""
    free = handed_in.MIN_FREE + 120_000

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=free - sum(p.stat().st_size for p in path.iterdir()))

    monkeypatch.setattr(handed_in.shutil, "disk_usage", usage)
    (tmp_path / "class" / "amy").mkdir(parents=True)
    for name in "abc":
        (tmp_path / "class" / "amy" / f"{name}.zip").write_bytes(zipped({"w.ipynb": os.urandom(50_000)}))
    found = below(tmp_path / "class", spare)
    assert [name for name, problem in found.items() if problem.startswith("does not fit")] == ["amy/c.zip/w.ipynb"]


def test_a_zip_of_too_many_files_is_not_unpacked(tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MAX_MEMBERS", 100)
    found = packed(tmp_path, spare, zipped({f"{i}.py": CONV for i in range(101)}))
    assert found == {"bad.zip": "cannot be unpacked (it holds more than 100 files)"}


def test_a_list_of_members_that_fills_the_memory_is_not_read(tmp_path: Path, spare: Path) -> None:
    """The count in the last record may be small: `zipfile` reads as many bytes as it says."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    count = handed_in.MAX_LIST // len(entry) + 1
    listed = entry * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), 0, 0)
    found = packed(tmp_path, spare, listed + end)
    assert found == {"bad.zip": "cannot be unpacked (its list of files is too long)"}


def test_members_that_lie_over_each_other_count_each(
    tmp_path: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One deflated kernel that many entries share: small files, one packed body."""
    monkeypatch.setattr(handed_in, "MAX_OF_STUDENT", 1_000_000)
    body = os.urandom(90_000)
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(body), len(body), len(body), 7, 0)
        + b"x.ipynb"
    )
    entry = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, zlib.crc32(body), len(body), len(body), 7, 0, 0, 0, 0, 0, 0
    ) + b"x.ipynb"  # fmt: skip
    listed = entry * 1000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1000, 1000, len(listed), len(local) + len(body), 0)
    packed(tmp_path, spare, local + body + listed + end)
    assert 900_000 < sum(p.stat().st_size for p in spare.iterdir()) <= 1_000_000 + len(N)


def encrypted() -> bytes:
    data = bytearray(zipped({"w.ipynb": N}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


@pytest.mark.parametrize("data, said", [
    (b"", "cannot be unpacked (File is not a zip file)"),
    (b"not a zip", "cannot be unpacked (File is not a zip file)"),
    (zipped({"w.ipynb": N})[:-30], "cannot be unpacked (File is not a zip file)"),
    (zipped({"w.ipynb": N})[:40] + b"\0" * 20 + zipped({"w.ipynb": N})[60:], "cannot be unpacked ("),
    (zipped({"w.ipynb": N}, zipfile.ZIP_LZMA), "is packed by a method that is not read"),
    (zipped({}), "is empty"),
    (zipped({"__MACOSX/x": "", ".DS_Store": ""}), "is empty"),
    (encrypted(), "is encrypted"),
])  # fmt: skip
def test_a_broken_zip_costs_itself_alone(tmp_path: Path, spare: Path, data: bytes, said: str) -> None:
    ((_, problem),) = packed(tmp_path, spare, data).items()
    assert problem.startswith(said)


@given(st.binary(max_size=200), st.integers(0, 400), st.data())
def test_a_damaged_zip_is_files_or_problems(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = zipped({"a/w.ipynb": N, "b.py": CONV})
    cut = data.draw(st.integers(0, len(whole)))
    (folder / "x.zip").write_bytes(whole[:at] + noise + whole[at + len(noise) : cut] + whole[cut:])
    (folder / "spare").mkdir()
    for file in Search(folder / "spare").below(folder / "x.zip"):
        assert isinstance(file, File) and (file.problem or file.path.is_file())


def test_names_that_a_mac_wrote_are_read_as_it_meant_them(tmp_path: Path, spare: Path) -> None:
    """It writes UTF-8 without saying so."""
    data = zipped({"zoXX/w.ipynb": N}).replace(b"zoXX", "zoë".encode())
    assert packed(tmp_path, spare, data) == {"zoë/w.ipynb": ""}


def test_without_a_place_to_unpack_a_zip_is_named(tmp_path: Path) -> None:
    root = write(tmp_path / "c", {"amy.zip": zipped({"w.ipynb": N})})
    assert below(root) == {"amy.zip": "is a zip, which is not opened here"}
