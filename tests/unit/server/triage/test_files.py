import pytest

from crashdesk.server.triage import files
from support.stored import a_failed_report, a_stored_file


def test_a_file_is_a_download_that_no_browser_opens(desk):
    file = a_stored_file(desk.project.pk, desk.event.event_id, "page.html", b"<script>alert(1)</script>")
    answer = desk.viewer.get(f"/attachments/fieldbook/{file.id}/")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ('a"\r\nSet-Cookie: x=1', "a_Set-Cookie_x_1"),
        (".bashrc", "bashrc"),
        ("Übersicht 1.log", "bersicht_1.log"),
        ("\u202egnp.exe", "gnp.exe"),
        ("..", "file"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_file_name_holds_harmless_characters_only(name, harmless):
    assert files.harmless_name(name) == harmless


def test_lost_bytes_are_not_found(desk):
    file = a_stored_file(desk.project.pk, desk.event.event_id)
    type(file).objects.filter(id=file.id).update(blob="9:9:9")
    assert desk.viewer.get(f"/attachments/fieldbook/{file.id}/").status_code == 404


def test_a_failed_report_is_given_as_it_came(desk):
    report = a_failed_report(desk.project.pk, raw=b"{}\nbroken\x00")
    answer = desk.viewer.get(f"/failed/fieldbook/{report.id}/raw/")
    assert answer.content == b"{}\nbroken\x00"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_list_of_failed_reports_gives_the_reason(desk, text):
    report = a_failed_report(desk.project.pk, "UnicodeDecodeError")
    page = text(desk.viewer.get("/failed/"))
    assert "UnicodeDecodeError" in page
    assert report.envelope_id.hex in page


def test_without_failed_reports_the_page_says_so_and_no_page_leads_there(desk, text):
    assert "Every report that was accepted could be processed." in text(desk.viewer.get("/failed/"))
    assert 'href="/failed/"' not in text(desk.viewer.get("/issues/"))


def test_numbers_beyond_any_id_are_not_found(desk):
    assert desk.viewer.get(f"/attachments/fieldbook/{2**70}/").status_code == 404
    assert desk.viewer.get(f"/failed/fieldbook/{2**70}/raw/").status_code == 404
