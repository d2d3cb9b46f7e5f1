"""The models: one small module a family. A new one is a file here and a line below."""

from __future__ import annotations

from engine.learners.base import Learner
from engine.learners.elastic_net import ElasticNet
from engine.learners.gradient_boosting import GradientBoosting
from engine.learners.network import ConvolutionalNetwork, NeuralNetwork
from engine.learners.random_forest import RandomForest
from engine.learners.self_tuning import SelfTuningNetwork
from engine.learners.svm import Svm

LEARNERS: dict[str, Learner] = {
    learner.card.id: learner
    for learner in (
        RandomForest(),
        GradientBoosting(),
        Svm(),
        ElasticNet(),
        NeuralNetwork(),
        ConvolutionalNetwork(),
        SelfTuningNetwork(),
    )
}
"""Every learner by its id, in the order they are listed."""

__all__ = ["LEARNERS", "Learner"]
