"""Server for front ends: JSON lines on standard input and output."""

from engine.server.server import serve

__all__ = ["serve"]
