"""A real S3 server (moto) in a separate process on loopback. It enforces rights, keeps versions and locks objects.

    with s3() as server:
        Store(f"s3://{server.bucket('store')}/lincoln", server.words("adds"))  # or "reads", or "keeps"
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import requests
from botocore.config import Config

from tests.journeys.kill import is_open
from tests.ports import free_port

# The rights that docs/vault.md asks for each role. S3 counts all steps of a large object as PutObject.
RIGHTS = {
    "adds": ["s3:PutObject"],
    "reads": ["s3:GetObject", "s3:ListBucket"],
    "keeps": ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"],
}
ALL = "everything"
LOCKED_DAYS = 730


@dataclass
class S3:
    """`operator` may do everything, like the owner of the account."""

    endpoint: str
    operator: Any
    _keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def bucket(self, name: str, *, days: int = LOCKED_DAYS) -> str:
        """Makes a bucket for this test. `days` is how long each object is locked. 0 means neither lock nor versions."""
        full = f"{name}-{secrets.token_hex(4)}"
        self.operator.create_bucket(Bucket=full, ObjectLockEnabledForBucket=bool(days))
        if days:
            retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": days}}
            self.operator.put_object_lock_configuration(Bucket=full, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention})
        return full

    def words(self, role: str) -> dict[str, str]:
        """Returns the values as a file of credentials has them."""
        key, secret = self._keys[role]
        return {"access_key_id": key, "secret_access_key": secret, "endpoint": self.endpoint, "region": "us-east-1"}

    def client(self, role: str) -> Any:
        """Returns Amazon's own client. A thief of the credentials doesn't need Homeroom's."""
        return client_of(self.endpoint, "s3", *self._keys[role])

    def versions(self, bucket: str, prefix: str = "") -> list[dict[str, Any]]:
        """Returns the versions, newest first for each name."""
        return list(self.operator.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", []))


def client_of(endpoint: str, service: str, key: str, secret: str) -> Any:
    quick = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, config=quick)


@contextmanager
def s3(port: int | None = None) -> Iterator[S3]:
    port = port or free_port()
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", __spec__.name, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not is_open(port):
            assert process.poll() is None and time.monotonic() < until, "the S3 server did not start"
            time.sleep(0.1)
        keys = _users(client_of(endpoint, "iam", "nobody", "nobody"))
        requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=10).raise_for_status()  # rights count from here on
        yield S3(endpoint, client_of(endpoint, "s3", *keys[ALL]), keys)
    finally:
        process.terminate()
        process.wait(20)


def _users(iam: Any) -> dict[str, tuple[str, str]]:
    made = {}
    for name, actions in {**RIGHTS, ALL: ["*"]}.items():
        iam.create_user(UserName=name)
        allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(allowed))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made[name] = (key["AccessKeyId"], key["SecretAccessKey"])
    return made


def served(application: Callable[..., Any]) -> Callable[..., Any]:
    """Adds a header that moto wants for locked objects and only Amazon's own programs send. S3 accepts a checksum without it, and a copy without either."""

    def answering(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if "HTTP_X_AMZ_CHECKSUM_SHA256" in environ or "HTTP_X_AMZ_COPY_SOURCE" in environ:
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "SHA256")
        return application(environ, start)

    return answering


def main(port: int) -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    os.environ["MOTO_PORT"] = str(port)
    run_simple("127.0.0.1", port, served(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]))
