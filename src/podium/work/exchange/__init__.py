"""Plans and reports as files: what a file would change, line by line, and the same written out."""
