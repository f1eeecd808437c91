"""Lincoln's ZIP at the import: what is accepted, and the one reason for everything else."""

import io
import struct
import tracemalloc
import warnings
import zlib
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.package import Limits, Package, open_package
from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.tests.exports import lincoln, zip_of


class Store:
    """A file that only seeks and reads, like the encrypted store that intake keeps the ZIP in."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)
        self.seek, self.tell, self.read, self.seekable = (
            self._file.seek,
            self._file.tell,
            self._file.read,
            self._file.seekable,
        )


def refusal(file: io.BytesIO, limits: Limits | None = None) -> Reason:
    with pytest.raises(PackageRefused) as refused:
        read_all(open_package(file, limits or Limits()))
    return refused.value.reason


def read_all(package: Package) -> dict[str, bytes]:
    return {name: b"".join(member.blocks()) for name, member in package.members.items()}


def test_lincolns_export_is_read_from_a_store_that_is_no_real_file():
    content = zip_of(lincoln()).getvalue()
    package = open_package(Store(content))
    assert read_all(package)["users.csv"].decode() == lincoln()["users.csv"]
    assert package.notes == ()


def test_a_member_is_read_twice_and_two_members_by_turns():
    package = open_package(zip_of({"users.csv": "Nina" * 1000, "orgs.csv": "Lincoln" * 1000}))
    users, orgs = package.members["users.csv"], package.members["orgs.csv"]
    turns = list(zip(users.blocks(7), orgs.blocks(7), strict=False))
    assert b"".join(turn[0] for turn in turns) == b"Nina" * 1000
    assert b"".join(turn[1] for turn in turns) == (b"Lincoln" * 1000)[: 7 * len(turns)]
    assert read_all(package) == read_all(package)


@given(
    contents=st.dictionaries(st.from_regex(r"[a-z]{1,8}\.csv", fullmatch=True), st.binary(max_size=3000), max_size=4),
    is_packed=st.booleans(),
    size=st.integers(1, 5000),
)
def test_whatever_a_zip_holds_comes_out_as_it_went_in(contents, is_packed, size):
    contents = {name: b"," + content for name, content in contents.items()}  # never the start of an archive
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED if is_packed else ZIP_STORED) as package:
        for name, content in contents.items():
            package.writestr(name, content)
    opened = open_package(file)
    blocks = {name: list(opened.members[name].blocks(size)) for name in contents}
    assert {name: b"".join(pieces) for name, pieces in blocks.items()} == contents
    assert all(len(piece) <= size for pieces in blocks.values() for piece in pieces)


@pytest.mark.parametrize("folder", ["Lincoln export", "exports/2026-11-25"])
def test_files_in_one_folder_are_read_with_a_note(folder):
    package = open_package(zip_of({f"{folder}/{name}": text for name, text in lincoln().items()}))
    assert package.member("users.csv").name == "users.csv"
    assert package.notes == (Note(Reason.TOP_FOLDER),)


def test_files_that_a_mac_adds_by_itself_do_not_count():
    extra = {"__MACOSX/._users.csv": "x", ".DS_Store": "x", "sub/Thumbs.db": "x", "empty/": ""}
    package = open_package(zip_of({**lincoln(), **extra}))
    assert sorted(package.members) == ["manifest.csv", "users.csv"]


@pytest.mark.parametrize(
    "name",
    ["../users.csv", "a/../../users.csv", "/etc/users.csv", "C:users.csv", "..\\users.csv", "a\\users.csv", ".."],
)
def test_a_name_that_leaves_the_folder_refuses_the_package(name):
    assert refusal(zip_of({**lincoln(), name: "x"})) is Reason.ESCAPES


def test_a_name_that_hides_something_behind_a_nul_refuses_the_package():
    content = zip_of({**lincoln(), "evil.csv#.txt": "x"}).getvalue().replace(b"evil.csv#", b"evil.csv\0")
    assert refusal(io.BytesIO(content)) is Reason.ESCAPES


@pytest.mark.parametrize("name", ["more.zip", "old.tar.gz", "a.7z"])
def test_an_archive_in_the_archive_refuses_it(name):
    assert refusal(zip_of({**lincoln(), name: "x"})) is Reason.NESTED


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"])
def test_an_archive_that_calls_itself_csv_refuses_it(start):
    assert refusal(zip_of({**lincoln(), "orgs.csv": start + b"x" * 100})) is Reason.NESTED


def test_two_files_of_one_name_refuse_it_even_when_capitals_differ():
    assert refusal(zip_of([*lincoln().items(), ("Users.csv", "x")])) is Reason.MEMBER_DOUBLED
    with warnings.catch_warnings(action="ignore"):  # Python's own writer warns
        twice = zip_of([*lincoln().items(), ("users.csv", "x")])
    assert refusal(twice) is Reason.MEMBER_DOUBLED


def test_files_in_two_folders_are_refused():
    assert refusal(zip_of({"a/manifest.csv": "x", "b/users.csv": "x"})) is Reason.FOLDERS
    assert refusal(zip_of({"a/manifest.csv": "x", "a/b/users.csv": "x"})) is Reason.FOLDERS


def test_an_empty_file_and_a_file_that_is_not_a_zip_get_different_reasons():
    assert refusal(io.BytesIO(b"")) is Reason.EMPTY
    assert refusal(io.BytesIO(b"sourcedId,status\r\n")) is Reason.NOT_A_ZIP
    assert refusal(io.BytesIO(b"PK")) is Reason.NOT_A_ZIP


@given(cut=st.floats(0.05, 0.999))
def test_a_zip_that_was_cut_off_is_damaged(cut):
    content = zip_of({**lincoln(), "orgs.csv": bytes(range(256)) * 20}).getvalue()
    assert refusal(io.BytesIO(content[: max(4, int(len(content) * cut))])) is Reason.DAMAGED


@given(place=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_flipped_bit_never_comes_through_as_another_content(place, bit):
    """Wherever the bit is, the ZIP is refused or has the same content (the bit is in a time or name that is not read)."""
    right = {name: text.encode() for name, text in lincoln().items()}
    content = bytearray(zip_of(right).getvalue())
    content[min(int(place * len(content)), len(content) - 1)] ^= 1 << bit
    try:
        read = read_all(open_package(io.BytesIO(bytes(content))))
    except PackageRefused:
        return
    assert set(read.values()) <= set(right.values())


def test_a_zip_with_its_own_password_is_refused():
    content = bytearray(zip_of(lincoln()).getvalue())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert refusal(io.BytesIO(bytes(content))) is Reason.ZIP_ENCRYPTED


def test_another_compression_is_refused():
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_BZIP2) as package:
        package.writestr("manifest.csv", "x" * 1000)
    assert refusal(file) is Reason.COMPRESSION_UNKNOWN


def test_a_bomb_is_refused_before_a_byte_of_it_is_inflated():
    assert refusal(zip_of({**lincoln(), "orgs.csv": b"\0" * 30_000_000})) is Reason.EXPLODES


def test_a_small_file_may_repeat_itself():
    read_all(open_package(zip_of({**lincoln(), "orgs.csv": b"," * 1_000_000})))


def test_many_bombs_that_are_each_small_enough_are_refused_together():
    bombs = {f"file{number}.csv": b"," * 1_000_000 for number in range(10)}
    assert refusal(zip_of({**lincoln(), **bombs})) is Reason.EXPLODES


def test_the_bound_on_everything_holds():
    assert refusal(zip_of(lincoln()), Limits(total=100)) is Reason.EXPLODES


def lying_bomb(size: int) -> io.BytesIO:
    """Returns a ZIP with a member that claims ten bytes and inflates to `size`."""
    content = b"," * size
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    file = io.BytesIO()
    with ZipFile(file, "w") as package:
        package.writestr(ZipInfo("users.csv"), packed)
    written = bytearray(file.getvalue())
    directory = written.index(b"PK\x01\x02")
    struct.pack_into("<H", written, directory + 10, ZIP_DEFLATED)
    struct.pack_into("<I", written, directory + 24, 10)
    return io.BytesIO(bytes(written))


def test_a_zip_bomb_that_understates_its_size_stops_right_away():
    package_file = lying_bomb(200_000_000)
    tracemalloc.start()
    try:
        assert refusal(package_file) is Reason.EXPLODES
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_members_that_share_their_bytes_are_refused():
    """The same compressed bytes under many names would be inflated many times."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr("users.csv", "," * 1000)
        package.writestr("orgs.csv", "," * 1000)
        package.filelist[1].header_offset = package.filelist[0].header_offset
    assert refusal(file) is Reason.EXPLODES


def test_a_thousand_files_are_enough():
    assert refusal(zip_of({f"file{number}.csv": "" for number in range(1001)})) is Reason.MEMBERS_MANY


def test_a_directory_of_gigabytes_is_not_read():
    """The end of the ZIP announces a directory larger than any export's."""
    content = zip_of(lincoln()).getvalue() + b""
    padded = content[:-22] + b"\0" * 5_000_000 + content[-22:]
    end = bytearray(padded[-22:])
    struct.pack_into("<I", end, 12, struct.unpack_from("<I", end, 12)[0] + 5_000_000)
    assert refusal(io.BytesIO(padded[:-22] + bytes(end))) is Reason.MEMBERS_MANY


def test_a_wrong_checksum_is_damage():
    content = bytearray(zip_of(lincoln()).getvalue())
    directory = content.index(b"PK\x01\x02")
    content[directory + 16] ^= 0xFF
    assert refusal(io.BytesIO(bytes(content))) is Reason.DAMAGED


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_a_reason_or_opened(content):
    try:
        read_all(open_package(io.BytesIO(b"PK\x03\x04" + content)))
    except PackageRefused as refused:
        assert refused.sentence


def test_a_damaged_stray_file_is_refused_without_its_name() -> None:
    """Someone put a list with a child's name into the ZIP. The receipt must not contain the name."""
    content = bytearray(zip_of({"Nina Ruiz.csv": "Nina,Ruiz\n" * 40}).getvalue())
    content[43:60] = b"\xff" * 17  # part of its packed content
    with pytest.raises(PackageRefused) as refused:
        open_package(io.BytesIO(bytes(content)))
    assert (refused.value.reason, refused.value.file) == (Reason.DAMAGED, None)
