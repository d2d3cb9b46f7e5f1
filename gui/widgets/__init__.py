"""The window's own controls: few, flat, each usable by keyboard and with an accessible name."""
