"""The page Results and its parts."""
