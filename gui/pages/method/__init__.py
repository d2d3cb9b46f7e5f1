"""The page Method and its parts."""
