"""What is read off a fitted result: arrays and trees in, labelled tables out; no sampling."""
