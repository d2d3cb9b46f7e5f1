"""The page Model and its parts."""
