"""Uploads that must not pass, made here as an attacker makes them, and those of every day that must."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.web import uploads
from almaz.web.uploads import checked, checked_table, safe_name


def given(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def packed(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in members:
            held.writestr(name, content)
    return target.getvalue()


def workbook() -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Аймак", 2021])
    book.save(target)
    return target.getvalue()


def document(*more: tuple[str, bytes]) -> bytes:
    return packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"), *more)


def why(content: bytes, name: str = "file.docx", check: Any = checked) -> str:
    with pytest.raises(ValidationError) as found:
        check(given(name, content))
    assert found.value.messages[0]
    return str(found.value.code)


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("Протокол №1.pdf", b"%PDF-1.7\n...", "Протокол-1.pdf"),
        ("photo.PNG", PNG, "photo.png"),
        ("photo.JPEG", b"\xff\xd8\xff\xe0rest", "photo.jpeg"),
        ("letter.docx", document(), "letter.docx"),
        ("table.xlsx", workbook(), "table.xlsx"),
        ("notes.txt", "Ысык-Көл, Ңүө".encode(), "notes.txt"),
        ("old.csv", "Регион;2021\nЧуй;5".encode("cp1251"), "old.csv"),
        ("wide.csv", "Регион\t2021".encode("utf-16"), "wide.csv"),
        ("picture.exe", PNG, "picture.png"),
    ],
)  # fmt: skip
def test_what_people_send_every_day_passes_under_a_safe_name(name: str, content: bytes, kept: str) -> None:
    file = given(name, content)
    checked(file)
    assert file.name == kept
    assert file.read() == content


def test_slides_may_hold_a_workbook() -> None:
    slides = packed(("[Content_Types].xml", b""), ("ppt/presentation.xml", b""), ("ppt/embeddings/a.xlsx", workbook()))
    checked(given("a.pptx", slides))


def test_a_bomb_of_one_member_is_refused_before_it_is_unpacked() -> None:
    bomb = document(("word/media/zeros.bin", b"\0" * 20_000_000))
    assert len(bomb) < 30_000
    assert why(bomb) == "bomb"


def test_a_bomb_of_many_small_members_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert why(document(*((f"word/{place}", b"") for place in range(uploads.MEMBERS)))) == "bomb"


def test_a_bomb_inside_a_document_inside_a_document_is_refused() -> None:
    inner = document(("word/media/zeros.bin", b"\0" * 20_000_000))
    assert why(document(("word/embeddings/inner.docx", inner))) == "bomb"
    assert why(document(("a.docx", document(("b.docx", document()))))) == "bomb"


def test_members_that_share_their_bytes_are_refused() -> None:
    """Fifield (2019): one kernel of compressed bytes named by many entries of the directory."""
    kernel = random.Random(0).randbytes(300_000) + b"\0" * 900_000
    real = packed(("word/a", kernel))
    place = real.index(b"PK\x01\x02")
    end = real.index(b"PK\x05\x06")
    entry, tail = real[place:end], bytearray(real[end:])
    entries = 900
    tail[8:10] = tail[10:12] = entries.to_bytes(2, "little")
    tail[12:16] = (len(entry) * entries).to_bytes(4, "little")
    assert why(real[:place] + entry * entries + bytes(tail)) in ("bomb", "damaged")


def test_a_directory_that_lies_about_a_size_is_refused() -> None:
    real = bytearray(document(("word/media/zeros.bin", b"\0" * 20_000_000)))
    lie = (1000).to_bytes(4, "little")
    for place in range(len(real) - 4):
        if real[place : place + 4] == (20_000_000).to_bytes(4, "little"):
            real[place : place + 4] = lie
    assert why(bytes(real)) == "damaged"


@pytest.mark.parametrize(
    "member", ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "word/activeX/activeX1.xml", "Basic/Standard/a.xml",
               "word/embeddings/oleObject1.bin"]
)  # fmt: skip
def test_macros_are_refused_by_what_is_inside(member: str) -> None:
    assert why(document((member, b"x"))) == "macros"


def test_macros_are_refused_by_the_declared_kind() -> None:
    types = b"<Override ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/>"
    assert why(packed(("[Content_Types].xml", types), ("xl/workbook.xml", b""))) == "macros"


def test_entities_are_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert why(document(("word/styles.xml", laughs))) == "entities"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!DOCTYPE html><title>x</title>",
        b"  \n<HTML><body>",
        b"harmless at first" + b" " * 9000 + b"<script>alert(1)</script>",
        b"<?xml version='1.0'?><svg/>",
        "<svg onload='x'/>".encode("utf-16"),
    ],
)
def test_pages_and_drawings_are_refused_whatever_they_are_called(content: bytes) -> None:
    for name in ("a.svg", "a.html", "a.txt", "a.png", "a.csv"):
        assert why(content, name) == "page"


def test_programs_archives_and_old_office_are_refused() -> None:
    assert why(b"MZ\x90\x00\x03", "a.pdf") == "kind"
    assert why(packed(("a.txt", b"x")), "a.docx") == "kind"
    assert why(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512, "a.xls") == "old"
    assert why(b"PK\x03\x04 broken", "a.docx") == "damaged"
    assert why(b"", "a.pdf") == "empty"


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    assert why(b"%PDF-" + b"x" * 1000, "a.pdf") == "size"


def test_tables_are_spreadsheets_texts_and_parquet(tmp_path: Path) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({"region": ["a"], "value": [1.0]}), target)
    for name, content in (("a.xlsx", workbook()), ("a.csv", b"a,b\n1,2"), ("a.parquet", target.getvalue())):
        checked_table(given(name, content))
    assert why(b"%PDF-1.7", "a.xlsx", checked_table) == "kind"
    assert why(b"PAR1 broken PAR1", "a.parquet", checked_table) == "damaged"


def test_a_parquet_file_of_endless_repetition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CELLS", 1_000_000)
    target = io.BytesIO()
    pq.write_table(pa.table({"a": pa.repeat(1, 2_000_000)}), target)
    assert len(target.getvalue()) < 20_000
    assert why(target.getvalue(), "a.parquet", checked_table) == "bomb"


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd.txt"), ("C:\\x\\a b.csv", "a b.txt"), ("a\0\n\u202egnp.txt", "a-gnp.txt"),
     ("Көл <b>.txt", "Көл-b.txt"), ("..", "file.txt"), ("", "file.txt"), ("x" * 300 + ".txt", "x" * 80 + ".txt"),
     ('a"; filename="b.txt', "a-filename-b.txt")],
)  # fmt: skip
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, "txt") == safe


def test_a_request_larger_than_any_form_is_refused_before_it_is_stored(client: Any, monkeypatch: Any, db: None) -> None:
    monkeypatch.setattr(uploads, "LARGEST_REQUEST", 10)
    answer = client.post("/en/account/login/", {"file": given("a.txt", b"x" * 100)})
    assert answer.status_code == 400


def test_a_stored_file_is_not_checked_again() -> None:
    class Stored:
        _committed = True

    checked(Stored())
