"""The page that offers the source code, and the links to it (AGPL-3.0, section 13)."""

from importlib.metadata import version

import pytest

from homeroom.portal.processes.source import ARCHIVE
from tests.browser import Browser
from tests.house.door_pages import NOBODYS, open_door
from tests.school import School

PAGE = "/source"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("person", ["", "ana"])
def test_anyone_reads_which_version_runs_and_finds_its_source(school: School, person: str, language: str) -> None:
    page = Browser(person, language=language).open(PAGE)
    assert page.status == 200 and version("homeroom") in page.lead
    assert ARCHIVE in page.links


def test_every_page_links_to_it_and_those_before_signing_in_do_too(own_school: School) -> None:
    assert PAGE in Browser("ana").open("/").links
    assert PAGE in Browser().open("/no/such/page").links
    with open_door(own_school):
        assert {path: PAGE in Browser().open(path).links for path in NOBODYS} == dict.fromkeys(NOBODYS, True)
        assert PAGE in Browser("ana").open("/account").links
