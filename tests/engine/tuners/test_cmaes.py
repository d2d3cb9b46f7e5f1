from engine.testing.tuner_suite import TunerSuite
from engine.tuners.cmaes import CmaEs


class TestConformance(TunerSuite):
    method = CmaEs
    options = {"population": 4}  # noqa: RUF012
