"""The page Compare and its parts."""
