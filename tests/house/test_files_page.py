"""docs/files.md tells a district's IT staff which columns are read, so it must match what the program does."""

from tests.house.files_page import PAGE, page


def test_the_page_of_files_says_what_the_program_reads() -> None:
    assert PAGE.read_text() == page(), "write it again: python -m tests.house.files_page"
    files = [line for line in page().splitlines() if line.startswith("## ")]
    assert "## attendance.csv" in files and len(files) == len(set(files)), "each file once"
