"""What every chart stands on: the page and its text, colours, ticks, numbers, reading a result."""
