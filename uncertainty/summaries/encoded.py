"""Encoded: a table as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8; empty cells where nothing is known."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def parquet_bytes(frame: pd.DataFrame, facts: Mapping[str, str]) -> bytes:
    """A table as Parquet, with facts as key-value metadata of the file.

    Cells without a value are null. A column of texts and numbers together becomes text.
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet

    plain = frame.copy()
    plain.attrs = {}
    for column in plain:
        if pd.api.types.infer_dtype(plain[column], skipna=True).startswith("mixed"):
            plain[column] = plain[column].map(str, na_action="ignore")
    table = pa.Table.from_pandas(plain, preserve_index=False)
    kept = {key.encode(): value.encode() for key, value in facts.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **kept})
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()
