"""What may be uploaded: size, kind by content (never by name), nothing that unpacks into a bomb, no macros, no page that a
browser would run. `checked` and `checked_table` are validators of a FileField: `FileField(upload_to=…, validators=[checked])`."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Any

import pyarrow as pa
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.uploadhandler import FileUploadHandler

from almaz.language import count
from almaz.language import text as _

LARGEST = 25_000_000
"""Bytes of an attachment."""
LARGEST_TABLE = 100_000_000
"""Bytes of a file of figures."""
LARGEST_REQUEST = 250_000_000
"""Bytes of everything that one form sends."""
UNPACKED = 600_000_000
"""Bytes that a packed file may unpack into."""
RATIO = 250
"""How many times larger than packed the unpacked may be; a sheet of one repeated figure comes to about 100."""
MEMBERS = 10_000
"""Files in a packed file, those of files packed inside it too."""
DEPTH = 2
"""A document may hold a document (a chart's workbook in slides), not that another."""
CELLS = 400_000_000
"""Cells of a Parquet file, which may be large by a few bytes of repetition."""

PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF87a": "gif", b"GIF89a": "gif"}
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
OPEN = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
PLAIN = ("txt", "csv", "tsv", "md")
CONFIGURED = ("toml", "json", "geojson")
ATTACHMENTS = frozenset(("pdf", "webp", *PICTURES.values(), *OFFICE.values(), *OPEN.values(), *PLAIN))
TABLES = frozenset(("xlsx", "csv", "tsv", "txt", "parquet"))
STUDY_FILES = TABLES | frozenset(CONFIGURED)
_ACTIVE = re.compile(
    r"vbaProject|macrosheets/|activeX/|oleObject[^/]*\.bin$|^Basic/|^Scripts/|^Dialogs/", re.IGNORECASE
)
_PAGE = re.compile(rb"<\s*(!doctype|!entity|html|svg|script|iframe|body|head|\?xml|\?php)", re.IGNORECASE)


class Limited(FileUploadHandler):
    """The first of Django's upload handlers: a request larger than any form of ours sends is refused before it is stored."""

    def handle_raw_input(self, _data: Any, _meta: Any, content_length: int, *_more: Any, **_named: Any) -> None:
        """Look at the announced length. Raises RequestDataTooBig, which is an answer 400."""
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig(f"a request of {content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        """On to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Others keep the file."""


def checked(held: Any) -> None:
    """An attachment: document, picture or text, up to 25 MB, which gets a safe name. Raises ValidationError."""
    _check(held, ATTACHMENTS, LARGEST)


def checked_table(held: Any) -> None:
    """A file of figures: XLSX, CSV, TSV or Parquet, up to 100 MB. Gives it a safe name. Raises ValidationError."""
    _check(held, TABLES, LARGEST_TABLE)


def checked_study_file(held: Any) -> None:
    """A file of a study: of figures, or its study.toml, or borders (JSON). Gives it a safe name. Raises ValidationError."""
    _check(held, STUDY_FILES, LARGEST_TABLE)


def _check(held: Any, allowed: frozenset[str], largest: int) -> None:
    if getattr(held, "_committed", False):  # it was checked when it came
        return
    name = str(held.name or "")
    if not held.size:
        raise ValidationError(_("«{name}» is empty.", name=name), code="empty")
    if held.size > largest:
        said = _("«{name}» is larger than {limit} MB.", name=name, limit=count(largest // 1_000_000))
        raise ValidationError(said, code="size")
    source = held.file if hasattr(held, "file") else held
    try:
        kind = kind_of_content(source, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        said = _("«{name}» is damaged or locked by a password: it cannot be unpacked.", name=name)
        raise ValidationError(said, code="damaged") from None
    finally:
        source.seek(0)
    if kind not in allowed:
        raise ValidationError(
            _("«{name}» is of a kind that cannot be taken here; these can: {kinds}.", name=name,
              kinds=", ".join(sorted(allowed)).upper()), code="kind")  # fmt: skip
    held.name = safe_name(name, kind)


def safe_name(name: str, kind: str) -> str:
    """The file's own name without folders, control characters and signs, ending as its content asks."""
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    stem, ending = (PurePosixPath(base).stem, PurePosixPath(base).suffix.lower().lstrip(".")) if base else ("", "")
    kept = "".join(
        letter if letter.isalnum() or letter in "-_ ()" or unicodedata.category(letter) == "Mn" else "-"
        for letter in stem
    )
    kept = re.sub(r"[-\s]*-[-\s]*", "-", kept).strip("- ")[:80].strip("- ")
    if ending == "jpeg" and kind == "jpg":
        kind = "jpeg"
    return f"{kept or 'file'}.{kind}"


def kind_of_content(source: IO[bytes], name: str = "") -> str:
    """What a file is, by its bytes: an ending such as `pdf`; `unknown` where it is nothing that we know.

    name only tells the sorts of plain text from each other. Raises ValidationError for what is refused whatever it is called
    (bombs, macros, pages), and BadZipFile and its like for what cannot be unpacked.
    """
    source.seek(0)
    start = source.read(4096)
    source.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return _packed(source, name, _Budget(), 1)
    if start.startswith(b"PAR1"):
        return _parquet(source, name)
    if start.startswith(b"%PDF-"):
        return "pdf"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "webp"
    picture = next((kind for magic, kind in PICTURES.items() if start.startswith(magic)), None)
    if picture:
        return picture
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        said = _(
            "«{name}» is in the old form of Office or locked by a password: save it as .docx, .xlsx or .pptx.",
            name=name,
        )
        raise ValidationError(said, code="old")
    return _text(source, name)


class _Budget:
    """What a packed file may still unpack into, over all that is packed inside it."""

    def __init__(self) -> None:
        self.members = MEMBERS
        self.bytes = UNPACKED


def _packed(source: IO[bytes], name: str, budget: _Budget, depth: int) -> str:
    with zipfile.ZipFile(source) as held:
        members = held.infolist()
        budget.members -= len(members)
        declared, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
        large = declared > budget.bytes or (declared > 5_000_000 and declared > RATIO * max(packed, 1))
        if depth > DEPTH or budget.members < 0 or large:
            said = _("«{name}» unpacks into far more than it seems to hold (a “zip bomb”): it is refused.", name=name)
            raise ValidationError(said, code="bomb")
        if any(_ACTIVE.search(one.filename) for one in members):
            said = _("«{name}» holds macros or embedded programs: save it without them.", name=name)
            raise ValidationError(said, code="macros")
        for one in members:
            _member(held, one, name, budget, depth)
        return _office(held, name)


def _member(held: zipfile.ZipFile, one: zipfile.ZipInfo, name: str, budget: _Budget, depth: int) -> None:
    """Unpack one member into nothing: a directory that lies about a size fails here, as does what is packed inside."""
    with held.open(one) as content:
        start = content.read(4096)
        budget.bytes -= len(start)
        nested = start.startswith(b"PK\x03\x04")
        kept = io.BytesIO(start) if nested else None
        if kept:
            kept.seek(0, io.SEEK_END)
        while chunk := content.read(1 << 20):
            budget.bytes -= len(chunk)
            if kept:
                kept.write(chunk)
    if one.filename.endswith((".xml", ".rels")) and re.search(rb"<!(DOCTYPE|ENTITY)", start):
        said = _("«{name}» declares entities of its own, which no office program writes: it is refused.", name=name)
        raise ValidationError(said, code="entities")
    if kept:
        _packed(kept, name, budget, depth + 1)


def _office(held: zipfile.ZipFile, name: str) -> str:
    names = set(held.namelist())
    if "[Content_Types].xml" in names:
        if b"macroEnabled" in held.read("[Content_Types].xml"):
            said = _("«{name}» holds macros or embedded programs: save it without them.", name=name)
            raise ValidationError(said, code="macros")
        return next((kind for member, kind in OFFICE.items() if member in names), "unknown")
    if "mimetype" in names:
        return OPEN.get(held.read("mimetype").decode("ascii", "replace").strip(), "unknown")
    return "zip"


def _parquet(source: IO[bytes], name: str) -> str:
    import pyarrow.parquet as pq

    try:
        about = pq.ParquetFile(source).metadata
        unpacked = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
    except (pa.ArrowException, OSError, ValueError):
        raise ValidationError(
            _("«{name}» is damaged: it cannot be read as Parquet.", name=name), code="damaged"
        ) from None
    if unpacked > UNPACKED or about.num_rows * about.num_columns > CELLS:
        said = _("«{name}» unpacks into far more than it seems to hold (a “zip bomb”): it is refused.", name=name)
        raise ValidationError(said, code="bomb")
    return "parquet"


def _text(source: IO[bytes], name: str) -> str:
    """Plain text in any encoding of letters; a page or a picture that a browser would run is none."""
    held = source.read()
    if held.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            held = held.decode("utf-16").encode()
        except UnicodeDecodeError:
            return "unknown"
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", held):
        return "unknown"
    if _PAGE.search(held):
        said = _("«{name}» is a web page or a drawing with scripts: send it as PDF or PNG.", name=name)
        raise ValidationError(said, code="page")
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    return ending if ending in (*PLAIN, *CONFIGURED) else "txt"
