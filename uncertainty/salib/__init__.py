"""SALib's problems, results and screening methods."""
