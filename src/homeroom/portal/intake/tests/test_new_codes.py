"""Files with attendance codes that have no meaning yet are imported whole, and Carl is led to the codes."""

from django.utils import timezone

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import pages
from tests.browser import Browser


def imports_page(office: Lincoln) -> str:
    with pages(office):
        return Browser("carl", "staff").open("/imports").words


def mark_of_today(export: Export, status: str, excuse_code: str = "") -> None:
    export.add("attendance", Student_id="nina", School_id="middle", Attendance_date=timezone.localdate().isoformat(), Attendance_type="daily",
               Attendance_status=status, Excuse_code=excuse_code)  # fmt: skip


def test_a_file_with_a_new_code_leads_carl_to_it(office: Lincoln, export: Export) -> None:
    assert "attendance code" not in imports_page(office)
    mark_of_today(export, "TRUANT", "T9")
    assert office.send(export)["state"] == "imported"
    assert "1 attendance code" in imports_page(office)
    with pages(office):
        assert "Excuse code T9" in Browser("carl", "staff").open("/settings/attendance-codes").words


def test_a_code_longer_than_its_index_has_room_for_is_cut_and_its_row_kept(office: Lincoln, export: Export) -> None:
    mark_of_today(export, "é" * 5_000, "医" * 5_000)
    receipt = office.send(export)
    assert (receipt["state"], receipt["rows"]) == ("imported", [])
    kept = office.ask("SELECT status, excuse_code FROM attendance_mark WHERE status LIKE 'é%%'")
    assert kept == ("é" * 200, "医" * 200)
