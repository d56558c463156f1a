"""Which encoding and which delimiter a text file has, told from its beginning."""

import codecs
import csv
import io

# As callers name them, with Python's codec for each.
CODECS = {
    "utf-8": "utf-8-sig",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "gb18030": "gb18030",
    "windows-1252": "cp1252",
}
DELIMITERS = (",", "\t", ";", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Tried in this order where the bytes are not UTF-8. Almost anything decodes as GB 18030 or Windows-1252,
# so those are never guessed, only taken when they are named.
_GUESSED = ("big5", "big5-hkscs")
# ASCII in UTF-16 is every second byte NUL; of Chinese text line ends and delimiters still are.
_NUL_SHARE = 0.05
_ROWS_LOOKED_AT = 50


class EncodingNotKnown(Exception):
    """The beginning of the file is text in none of the encodings that can be told."""


def encoding_of(beginning: bytes) -> str:
    """One of CODECS; `beginning` may end inside a character. Raises EncodingNotKnown."""
    for mark, name in _BOMS:
        if beginning.startswith(mark):
            return name
    nuls = beginning.count(0)
    if nuls > len(beginning) * _NUL_SHARE:
        even = sum(1 for byte in beginning[::2] if byte == 0)
        return "utf-16-be" if even > nuls - even else "utf-16-le"
    for name in ("utf-8", *_GUESSED):
        if _decodes(beginning, CODECS[name]):
            return name
    raise EncodingNotKnown(
        "The text is neither UTF-8, UTF-16 nor Big5. Name its encoding, or save it as UTF-8."
    )


def text_of(beginning: bytes, encoding: str) -> str:
    """The text so far, what cannot be read as �; a character cut off at the end is left out."""
    text = codecs.getincrementaldecoder(CODECS[encoding])("replace").decode(beginning)
    return text.removeprefix("\ufeff")


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most rows into the same number of columns, more than one; else a comma."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in first_rows(text, delimiter, _ROWS_LOOKED_AT) if row]
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        # Of two that agree equally well, the one that cuts more.
        score = agreeing + min(widths[0], 1000) / 1e6
        if score > best_score:
            best, best_score = delimiter, score
    return best


def first_rows(text: str, delimiter: str, most: int) -> list[list[str]]:
    """The rows at the beginning of `text`, which may be cut off in the last one."""
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= most:
                break
    except csv.Error:
        # A field longer than the reader takes; what came before it is enough to tell by.
        return rows
    return rows


def _decodes(beginning: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)("strict").decode(beginning)
    except UnicodeDecodeError:
        return False
    return True
