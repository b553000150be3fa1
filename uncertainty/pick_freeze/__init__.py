"""Pick-freeze: blocks, estimates by replicate, controls and rules of `drivers`."""
