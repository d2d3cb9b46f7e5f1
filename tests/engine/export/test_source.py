from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from engine.export.source import code, imports, public_module


def remade(value):
    """What the code of ``value`` makes, in a namespace that has its imports and nothing else."""
    names: dict = {"np": np}
    for module, wanted in imports(value).items():
        exec(f"from {module} import {', '.join(sorted(wanted))}", names)
    return eval(code(value), names)


PIPELINE = Pipeline(
    [
        (
            "columns",
            ColumnTransformer(
                [
                    (
                        "numbers",
                        SimpleImputer(strategy="median"),
                        ["a column", "another's", 'a "b"'],
                    ),
                    (
                        "categories",
                        OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=50),
                        [f"category {i}" for i in range(30)],
                    ),
                    ("codes", OrdinalEncoder(unknown_value=np.nan, dtype=np.float32), []),
                ],
                remainder="drop",
            ),
        ),
        ("scale", StandardScaler()),
        ("model", LogisticRegression(C=0.1 + 0.2, l1_ratio=1 / 3, solver="saga", random_state=7)),
    ]
)


@pytest.mark.parametrize(
    "estimator",
    [
        SVC(),
        SVC(C=1e-300, gamma=3.3e7),
        RandomForestRegressor(max_features=1, max_samples=0.7, n_estimators=9),
        HistGradientBoostingClassifier(early_stopping=False, max_depth=None),
        SimpleImputer(missing_values=np.nan, strategy="constant", fill_value="x"),
        PIPELINE,
    ],
    ids=["default", "svm", "forest", "boosting", "imputer", "pipeline"],
)
def test_the_code_of_an_estimator_makes_its_equal(estimator):
    again = remade(estimator)
    assert repr(again.get_params()) == repr(estimator.get_params())


def test_only_what_differs_from_the_default_is_written():
    assert code(SVC(C=2.0, kernel="rbf")) == "SVC(C=2.0)"
    assert code(RandomForestRegressor(max_features=1)) == "RandomForestRegressor(max_features=1)"


def test_long_code_is_broken_up():
    lines = code(PIPELINE).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0] == "Pipeline("
    assert lines[-1] == ")"


def test_modules_are_those_a_person_imports_from():
    assert public_module(SVC) == "sklearn.svm"
    assert public_module(ColumnTransformer) == "sklearn.compose"
    assert imports(PIPELINE)["sklearn.preprocessing"] == {
        "OneHotEncoder",
        "OrdinalEncoder",
        "StandardScaler",
    }


def test_what_has_no_code_is_refused():
    with pytest.raises(TypeError, match="no code"):
        code(object())


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
)


@given(plain)
def test_plain_values_read_back_the_same(value):
    assert repr(eval(code(value), {"np": np})) == repr(value)


def test_numpy_numbers_are_written_as_plain_ones():
    assert code([np.float64(0.1), np.int64(3), np.bool_(True)]) == "[0.1, 3, True]"
