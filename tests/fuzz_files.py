"""Small files of every kind that is read, all of the same rows: the seeds of fuzzing."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pyarrow as pa
from pyarrow import json as arrow_json
from pyarrow import parquet

EVENTS = """\
event_id,member_id,type,at,amount,category,items,weight,gift,tags,order
o1,m1,order,2026-01-01 10:00,19.99,seafood,2,0.125,true,crab;fresh,
o2,m2,order,2026-01-02T11:30:05.123456+08:00,0.01,"a, ""b""
c",1,1.5,0,,
o3,m1,order,2026-02-28,10000000.00,海鲜,3,,false,月饼,
r1,m1,refund,2026-03-01 09:00,19.99,,,,,,o1
l1,m3,login,2026-03-02 23:59:59,,,,,,,
"""
MEMBERS = """\
member_id,joined_at,referrer_id,city,birthday,likes
m1,2025-01-01 08:22:16,,苏州,1950-06-17,flower_cake;fresh
m2,2025-01-01,m1,深圳,,
m3,,m2,"a, ""b"" c",2000-02-29,crab
"""
LINES = b"""\
{"event_id":"o1","member_id":"m1","type":"order","at":"2026-01-01 10:00","amount":1.99,"tags":["a"]}
{"event_id":2,"member_id":1.0,"type":"order","at":"2026-01-01","amount":"7","gift":true,"weight":1e-3}
{"event_id":"\\u6d77","member_id":"m\\"3","type":"login","at":null,"more":{"a":[1,{"b":null}]}}
{"event_id":"r1","member_id":"m1","type":"refund","at":"2026-01-02T00:00:00Z","order":"o1"}
"""


def texts(project: Path) -> list[bytes]:
    """Files of comma, semicolon and tab, in the encodings that are read."""
    shipped = [
        b"".join((project / "sample_data" / name).read_bytes().splitlines(True)[:12])
        for name in ("events.csv", "members.csv")
    ]
    return [
        *shipped, EVENTS.encode(), MEMBERS.encode(), EVENTS.replace(",", ";").encode("gb18030"),
        EVENTS.replace(",", "\t").encode("utf-16"), EVENTS.replace("\n", "\r").encode("utf-8-sig"),
        MEMBERS.encode("utf-16-be"),
    ]  # fmt: skip


def table() -> pa.Table:
    """The same rows with types."""
    return arrow_json.read_json(io.BytesIO(LINES.splitlines(True)[0] * 3))


def parquets() -> list[bytes]:
    """Files of Parquet: packed and not, with dictionaries and without."""
    found = []
    for ways in ({"compression": "snappy"}, {"compression": "none", "use_dictionary": False}):
        out = io.BytesIO()
        parquet.write_table(table(), out, **ways)
        found.append(out.getvalue())
    return found


def workbook() -> bytes:
    """A workbook of two sheets with texts, numbers, days and flags."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in EVENTS.splitlines()[:2]:
        sheet.append(line.split(","))
    sheet.append(["o9", 7, "order", 46023.5, 19.99, None, 2.0, 1 / 3, True])
    book.create_sheet("more").append(["x"])
    out = io.BytesIO()
    book.save(out)
    return book_of(unpacked(out.getvalue()))


def unpacked(book: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def book_of(parts: Mapping[str, bytes]) -> bytes:
    """A workbook of these parts: the same bytes for the same parts, whatever the hour."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def packed(text: bytes) -> bytes:
    """The same bytes for the same text, whatever the hour."""
    return gzip.compress(text, mtime=0)


def mapping_files() -> Mapping[str, bytes]:
    """The files that mappings name."""
    rows = b"Inv,Cust,When,Qty,Price,Cat\ni1,c1,2026-01-01 10:00,2,9.99,a\ni2,c2,,-1,x,\n"
    return {"inv.csv": rows, "more.jsonl": LINES}
