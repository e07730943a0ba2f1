"""The rules of the commands, by what they are about. ``decide`` gathers them."""
