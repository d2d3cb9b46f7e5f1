"""The page Run and its parts."""
