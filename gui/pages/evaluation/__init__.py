"""The page Evaluation and its parts."""
