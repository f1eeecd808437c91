"""Encryption of disks and swap, read from a kernel's tables as real computers have them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.hardening.asking import NoAnswer
from homeroom.ops.hardening.disks import Backing, areas, has_crypt, is_encrypted, judged, of_swap, source_of, unescaped

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
90 27 252:1 / /srv rw,relatime shared:2 - ext4 /dev/mapper/data rw
91 27 0:45 / /srv/pool rw shared:3 - zfs tank/homeroom rw,xattr
92 27 0:46 /@ /srv/two\040words rw - btrfs /dev/mapper/more rw,subvol=/@
93 27 0:30 / /run rw - tmpfs tmpfs rw,size=1024k
94 27 0:50 / /over rw - overlay overlay rw,lowerdir=/lower
"""
SWAPS = """Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/zram0                              partition\t8388604\t\t0\t\t100
/swap\\040file                          file\t\t2097148\t\t0\t\t-2
"""


def device(sys: Path, number: str, *, crypt: bool = False, below: tuple[str, ...] = (), loop: bool = False) -> Path:
    """Makes what /sys/dev/block has about a device, with the devices that it is made of."""
    path = sys / number
    (path / "slaves").mkdir(parents=True)
    for each in below:
        (path / "slaves" / each.replace(":", "-")).symlink_to(sys / each)
    if crypt or below:
        (path / "dm").mkdir()
        (path / "dm" / "uuid").write_text(f"{'CRYPT-LUKS2' if crypt else 'LVM'}-0123abcd-data\n")
    if loop:
        (path / "loop").mkdir()
    return path


@pytest.mark.parametrize(
    ("folder", "kind", "name", "number"),
    [
        ("/opt/homeroom", "ext4", "/dev/vda", "254:0"),
        ("/srv/homeroom", "ext4", "/dev/mapper/data", "252:1"),
        ("/srv/poolish", "ext4", "/dev/mapper/data", "252:1"),
        ("/srv/pool/homeroom", "zfs", "tank/homeroom", "0:45"),
        ("/srv/two words", "btrfs", "/dev/mapper/more", "0:46"),
    ],
)
def test_a_folder_is_found_on_the_deepest_mount_above_it(folder: str, kind: str, name: str, number: str) -> None:
    assert source_of(MOUNTS, Path(folder)) == Backing(kind, name, number)


def test_a_table_without_the_folder_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="isn't in"):
        source_of("", Path("/srv"))


def test_encryption_is_found_below_lvm_and_missed_if_one_of_two_disks_lacks_it(tmp_path: Path) -> None:
    device(tmp_path, "8:1")
    device(tmp_path, "8:2", loop=True)
    device(tmp_path, "252:0", crypt=True, below=("8:1",))
    assert has_crypt(device(tmp_path, "252:1", below=("252:0",))) is True
    assert has_crypt(device(tmp_path, "252:2", below=("252:0", "8:1"))) is False
    assert has_crypt(device(tmp_path, "252:3", below=("252:0", "8:2"))) is None, "a loop device is a file on a disk that is not followed"
    assert has_crypt(tmp_path / "8:1") is False


def test_a_disk_in_memory_is_fine_and_one_of_a_container_can_not_be_told(tmp_path: Path) -> None:
    device(tmp_path, "254:0")
    states = {name: judged("disk", found, is_encrypted(found, tmp_path)).state for name in ("/", "/run", "/over") if (found := source_of(MOUNTS, Path(name)))}
    assert states == {"/": "warn", "/run": "ok", "/over": "unknown"}


def test_swap_may_be_off_or_in_memory_and_never_in_the_clear() -> None:
    assert areas(SWAPS) == [("/dev/zram0", "partition"), ("/swap file", "file")] and areas("Filename Type\n") == []
    assert of_swap({}).state == of_swap({"/dev/zram0": True}).state == "ok"
    assert of_swap({"/dev/zram0": True, "/dev/sda3": None}).state == "unknown"
    clear = of_swap({"/dev/sda2": False, "/dev/sda3": None})
    assert clear.state == "bad" and "/dev/sda2" in clear.told and "swapoff" in clear.told


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_each_path_is_read_as_the_kernel_wrote_it(path: str) -> None:
    written = "".join(f"\\{ord(each):03o}" if each in " \t\n\\#" else each for each in path)
    assert unescaped(written) == path
