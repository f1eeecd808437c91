"""Answers to a request for a passkey that no browser sends. Each page refuses them like any other wrong one."""

import json
from typing import Any

import pytest
from fido2.utils import websafe_encode

from homeroom.portal.door.tests.with_factors import HOST, options_in
from tests.browser import Browser
from tests.school import School

HEAD = b"\0" * 32 + b"\x80" + b"\0" * 4  # authenticator data that says that extensions follow


def credential(data: bytes, **more: Any) -> str:
    client = websafe_encode(json.dumps({"type": "webauthn.get", "challenge": "QQ", "origin": "http://localhost:8000"}).encode())
    response = {"clientDataJSON": client, "authenticatorData": websafe_encode(data), "attestationObject": websafe_encode(data), "signature": "QQ"}
    return json.dumps({"id": "QQ", "rawId": "QQ", "type": "public-key", "response": response} | more)


ANSWERS = {
    "arrays without end": "[" * 10_000,
    "objects without end": '{"id":' * 3_000,
    "a long number": "9" * 10_000,
    "no response": credential(HEAD, response="x"),
    "extensions that are text": credential(b"\0" * 37, clientExtensionResults="x"),
    "CBOR that ends": credential(HEAD),
    "CBOR with a length that ends": credential(HEAD + b"\x5b\xff"),
    "CBOR without end": credential(HEAD + b"\x81" * 9_000),
    "CBOR of the attestation without end": credential(b"\x81" * 9_000),
    "half of a character": '{"id":"\\ud800"}',
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(("path", "who"), [("/sign-in/passkey", ""), ("/support/sign-in", ""), ("/account/factors/add", "ana")])
def test_an_answer_that_no_browser_sends_is_refused(door: School, path: str, who: str, answer: str) -> None:
    browser = Browser(who, host=HOST)
    assert options_in(browser.open(path))
    page = browser.post(path, {"credential": answer, "name": "Laptop"})
    assert page.status in (200, 403, 422) and "error" in page.said
