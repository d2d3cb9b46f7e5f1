"""The page Understand and its parts."""
