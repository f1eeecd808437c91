"""A store that speaks S3: what the portal's credentials and a thief of them can do, and that copies and restores work from it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from homeroom.vault.chain import verified
from homeroom.vault.keeping import copied
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import PART, AlreadyThere, NotThere, Store, StoreFailed
from homeroom.vault.tests.s3 import S3, s3
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_snapshot import sums


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with s3() as running:
        yield running


def store_as(server: S3, role: str, bucket: str) -> Store:
    return Store(f"s3://{bucket}/district", server.words(role))


@pytest.fixture
def bucket(server: S3) -> str:
    return server.bucket("store")


@pytest.fixture
def adds(server: S3, bucket: str) -> Store:
    return store_as(server, "adds", bucket)


@pytest.fixture
def reads(server: S3, bucket: str) -> Store:
    return store_as(server, "reads", bucket)


@pytest.fixture
def keeps(server: S3, bucket: str) -> Store:
    return store_as(server, "keeps", bucket)


def backed_up(safe: Safe, adds: Store, reads: Store) -> Any:
    safe.store = reads  # reading the chain needs credentials that may read
    return safe.take(adds)


def test_credentials_that_may_only_write_make_a_whole_backup(safe: Safe, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    chain = safe.chain()
    assert chain.troubles == [] and chain.is_whole(taken.manifest) and verified(reads, taken.manifest) == []
    with safe.restored(taken, reads) as again:
        assert sums(again) == sums(safe.school)


def test_a_file_larger_than_one_part_arrives_whole(adds: Store, reads: Store) -> None:
    pieces = [bytes([number]) * (1 << 20) for number in range(2 * (PART >> 20) + 1)]
    written = adds.add("lincoln/large", pieces)
    assert written.size == len(pieces) << 20
    assert reads.read("lincoln/large") == b"".join(pieces)


def test_an_upload_that_breaks_off_in_its_third_part_leaves_nothing_under_its_name(adds: Store, reads: Store) -> None:
    def breaking() -> Iterator[bytes]:
        yield from [bytes(1 << 20)] * (2 * (PART >> 20) + 1)
        raise ValueError("the database went away")

    with pytest.raises(ValueError, match="went away"):
        adds.add("lincoln/large", breaking())
    assert reads.names("lincoln/") == []


def test_a_name_is_given_once(adds: Store, reads: Store) -> None:
    adds.add_once("lincoln/notes/ab", b"first")
    with pytest.raises(AlreadyThere):
        adds.add_once("lincoln/notes/ab", b"second")
    assert reads.read("lincoln/notes/ab") == b"first"


def test_the_portals_credentials_can_neither_read_nor_list_nor_delete(safe: Safe, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    name = manifest_name("lincoln", 1)
    for tried in (lambda: adds.read(name), lambda: adds.names("lincoln/"), lambda: adds.remove([name])):
        with pytest.raises(StoreFailed, match="does not allow that to these credentials"):
            tried()
    assert reads.read(name) == taken.content


def tries_of(thief: Any, bucket: str, key: str, version: str) -> dict[str, Callable[[], object]]:
    return {
        "get": lambda: thief.get_object(Bucket=bucket, Key=key), "get by version": lambda: thief.get_object(Bucket=bucket, Key=key, VersionId=version),
        "head": lambda: thief.head_object(Bucket=bucket, Key=key), "list": lambda: thief.list_objects_v2(Bucket=bucket),
        "list versions": lambda: thief.list_object_versions(Bucket=bucket), "delete": lambda: thief.delete_object(Bucket=bucket, Key=key),
        "delete by version": lambda: thief.delete_object(Bucket=bucket, Key=key, VersionId=version),
        "delete the bucket": lambda: thief.delete_bucket(Bucket=bucket),
        "no versions any more": lambda: thief.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}),
        "let all go tomorrow": lambda: thief.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [{"ID": "x", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]}
        ),
    }  # fmt: skip


def test_a_thief_of_the_portals_credentials_can_neither_read_nor_delete_with_a_client_of_his_own(
    server: S3, safe: Safe, bucket: str, adds: Store, reads: Store
) -> None:
    backed_up(safe, adds, reads)
    key, thief = f"district/{manifest_name('lincoln', 1)}", server.client("adds")
    version = server.versions(bucket, key)[0]["VersionId"]
    for what, tried in tries_of(thief, bucket, key, version).items():
        with pytest.raises(ClientError) as refused:
            tried()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, what
    assert safe.chain().troubles == []


def written_over(server: S3, bucket: str, key: str, content: bytes) -> None:
    """Writes as the thief of the portal's credentials, whose client sends no If-None-Match."""
    server.client("adds").put_object(Bucket=bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256")


def given_back(server: S3, bucket: str, key: str) -> None:
    """Copies the oldest version over the newer ones, as docs/vault.md says. The newer ones stay, because they are locked, too."""
    oldest = server.versions(bucket, key)[-1]["VersionId"]
    server.operator.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key, "VersionId": oldest})


def test_a_segment_that_the_thief_wrote_over_is_noticed_and_its_older_version_restores(server: S3, safe: Safe, bucket: str, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    person = next(each for each in taken.manifest.tables if each.table == "public.person")
    key = f"district/{taken.manifest.path(person)}"
    written_over(server, bucket, key, bytes(person.sealed))
    assert verified(reads, taken.manifest) == [f"Segment {person.name} of backup 1 in {reads.url} was changed."]
    given_back(server, bucket, key)
    assert verified(reads, taken.manifest) == []
    with safe.restored(taken, reads) as again:
        assert sums(again) == sums(safe.school)


def test_a_manifest_that_a_thief_overwrote_is_noticed_at_the_next_check(server: S3, safe: Safe, bucket: str, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    key = f"district/{manifest_name('lincoln', 1)}"
    written_over(server, bucket, key, taken.content.replace(b'"night": 1', b'"night": 7'))
    assert [told for told in safe.chain().troubles if "was changed after" in told]
    given_back(server, bucket, key)
    assert safe.chain().troubles == [] and safe.chain().newest == taken.manifest


def test_files_that_the_thief_overwrote_never_reach_the_archive(server: S3, safe: Safe, bucket: str, adds: Store, reads: Store) -> None:
    first = backed_up(safe, adds, reads)
    archive = Store(str(safe.folder / "archive"))
    assert copied(reads, archive, "lincoln", safe.signers).backups == [1]
    second = safe.take(adds)
    for taken in (first, second):
        written_over(server, bucket, f"district/{taken.manifest.path(taken.manifest.segments[0])}", b"nothing")
    assert copied(reads, archive, "lincoln", safe.signers).backups == []
    assert verified(archive, first.manifest) == []
    given_back(server, bucket, f"district/{second.manifest.path(second.manifest.segments[0])}")
    assert copied(reads, archive, "lincoln", safe.signers).backups == [2]


def test_a_thief_with_the_vaults_credentials_cannot_delete_last_weeks_backup(
    server: S3, safe: Safe, bucket: str, adds: Store, reads: Store, keeps: Store
) -> None:
    """The thief can hide it. The bytes are locked, and removing the delete markers brings them back."""
    taken = backed_up(safe, adds, reads)
    names = [each.name for each in keeps.names("lincoln/")]
    keeps.remove(names)
    assert keeps.names("lincoln/") == []
    thief = server.client("keeps")
    for version in server.versions(bucket, "district/"):
        with pytest.raises(ClientError, match="AccessDenied"):
            thief.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    with pytest.raises(ClientError, match="AccessDenied"):  # nor can the owner of the account
        server.operator.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    for mark in server.operator.list_object_versions(Bucket=bucket)["DeleteMarkers"]:
        server.operator.delete_object(Bucket=bucket, Key=mark["Key"], VersionId=mark["VersionId"])
    assert sorted(each.name for each in keeps.names("lincoln/")) == sorted(names)
    with safe.restored(taken, reads):
        pass


def test_copies_go_from_s3_to_s3_and_to_a_folder_and_back(server: S3, safe: Safe, bucket: str, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    other, folder = store_as(server, "keeps", server.bucket("archive")), Store(str(safe.folder / "archive"))
    last = store_as(server, "keeps", server.bucket("offsite", days=0))
    for source, into in ((reads, other), (other, folder), (folder, last)):
        assert copied(source, into, "lincoln", safe.signers).backups == [1]
        assert copied(source, into, "lincoln", safe.signers).backups == []
    assert [each.name for each in last.names("")] == [each.name for each in reads.names("")]
    with safe.restored(taken, last) as again:
        assert sums(again) == sums(safe.school)


def test_a_copy_that_arrived_changed_is_taken_back_and_made_anew_in_a_store_that_locks(server: S3, safe: Safe, adds: Store, reads: Store) -> None:
    taken = backed_up(safe, adds, reads)
    archive = store_as(server, "keeps", server.bucket("archive"))
    name = taken.manifest.path(taken.manifest.segments[0])
    archive.add(name, [b"spoiled on the way"])
    assert copied(reads, archive, "lincoln", safe.signers).backups == []
    assert copied(reads, archive, "lincoln", safe.signers).backups == [1]


@pytest.mark.parametrize("changed", [{"secret_access_key": "wrong"}, {"access_key_id": "AKIAIOSFODNN7EXAMPLE"}])
def test_wrong_credentials_are_one_sentence(server: S3, bucket: str, changed: dict[str, str]) -> None:
    store = Store(f"s3://{bucket}/district", server.words("keeps") | changed)
    for tried in (lambda: store.add("lincoln/x", [b"x"]), lambda: store.add_once("lincoln/x", b"x"), lambda: store.names(""), lambda: store.read("lincoln/x")):
        with pytest.raises(StoreFailed) as told:
            tried()
        assert "credentials" in str(told.value) and store.url in str(told.value)
        assert "\n" not in str(told.value) and server.endpoint not in str(told.value)


def test_a_bucket_that_is_not_there_is_no_name_that_is_not_there_yet(server: S3) -> None:
    """The drill waits for a name. It would wait for a missing bucket in vain."""
    store = Store("s3://nobody-made-it/district", server.words("keeps"))
    for tried in (lambda: store.read("lincoln/x"), lambda: store.names(""), lambda: store.add("lincoln/x", [b"x"])):
        with pytest.raises(StoreFailed, match="no such bucket"):
            tried()


def test_a_name_that_is_not_there_is_not_there(reads: Store, keeps: Store) -> None:
    with pytest.raises(NotThere):
        reads.read("lincoln/x")
    keeps.remove(["lincoln/x"])


@pytest.mark.parametrize("endpoint", ["http://store.example", "http://127.0.0.1@store.example", "http://127.0.0.1.store.example:80", "ftp://127.0.0.1", "x"])
def test_credentials_go_to_no_other_computer_in_the_clear(endpoint: str) -> None:
    with pytest.raises(StoreFailed, match="must begin with https://"):
        Store("s3://lincoln/x", {"endpoint": endpoint})
