"""Evaluation of configurations in workers: fold jobs, predictions and scores."""
