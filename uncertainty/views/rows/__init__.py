"""Charts in rows: names at the left, marks in the middle, numbers at the right."""
