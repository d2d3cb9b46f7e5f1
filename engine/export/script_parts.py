"""The text that exported scripts are made of; `engine.export.script` fills in the braces."""

from __future__ import annotations

OPENING = '''"""{title}

Fits the configuration that was found {rows}, prints its score, then fits
it on all rows and saves the model beside this script. With --help it lists its options.

Needs {needs}. Made with {versions}.
"""

from __future__ import annotations

# One thread each, as in the search, so that every digit is the same. Before numpy is imported.
import os

for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB"):
    os.environ[f"{{library}}_NUM_THREADS"] = "1"
{threads}
'''

NEEDS = "pandas", "scikit-learn"
"""Packages of every script; numpy comes with them."""
PACKAGES = {"jax": "JAX", "PIL": "Pillow"}
"""Names of packages where they are not those of what is imported."""
JAX_THREADS = 'os.environ["NPROC"] = "1"  # JAX\'s threads\n'
JAX_WIDE = 'os.environ["JAX_ENABLE_X64"] = "1"  # what is drawn at random depends on it\n'

OWN_MODELS = "\n\n\n# --- the network, as Tunesmith trains it ---\n\n"

IMPORTS = {
    "argparse": "import argparse",
    "base64": "import base64",
    "io": "import io",
    "hashlib": "import hashlib",
    "statistics": "import statistics",
    "sys": "import sys",
    "warnings": "import warnings",
    "Path": "from pathlib import Path",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    **{
        name: f"from sklearn.model_selection import {name}"
        for name in (
            "KFold",
            "RepeatedKFold",
            "RepeatedStratifiedKFold",
            "StratifiedKFold",
            "train_test_split",
        )
    },
}
"""Import statements by the name they bind."""

VALUES = '''
def unpacked(text):
    """Arrays by name, from the text of a compressed npz file."""
    with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as kept:
        return dict(kept)


# What was tuned by gradient, {count:,} numbers ({tuned}), and the settings that were not.
VALUES = unpacked("""
{text}
""")
'''

MAKE_MODEL_DOC = '    """Preparation and model, not fitted, with the hyperparameters found."""'

# --- measures -------------------------------------------------------------------------------------

MOST_LIKELY = "model.classes_[model.predict_proba(features).argmax(axis=1)]"

SCORE = """
def score(model, features, truth):
    given = {given}
    return float({call})
"""

PROBABILITIES = '''
def chances(model, features):
    """Probability of each of CLASSES; 0 for one that was not seen in fitting."""
    found = model.predict_proba(features)
    every = np.zeros((len(found), len(CLASSES)))
    every[:, model.classes_] = found
    return every
'''

DECISIONS = '''
def chances(model, features):
    """For each of CLASSES a number that is larger where the class is more likely."""
    found = model.decision_function(features)
    if found.ndim == 1:
        found = np.column_stack([-found, found])
    every = np.full((len(found), len(CLASSES)), found.min(initial=0.0) - 1.0)
    every[:, model.classes_] = found
    return every
'''

# --- the table ------------------------------------------------------------------------------------

PREPARE = '''
def prepare(cells, decimal):
    """Features and target of the rows that have a target."""
{target}
    cells = cells[has_target].reset_index(drop=True)
    return typed(cells, FEATURES, decimal), target[has_target]
'''

CLASS_TARGET = """
    target = class_codes(cells[TARGET], CLASSES, decimal)
    has_target = target >= 0
"""

NUMBER_TARGET = """
    target = numbers(cells[TARGET], decimal)
    has_target = ~np.isnan(target)
"""

LOAD = """
def {name}({path}):
{check}    cells = {call}
    return prepare(cells, {decimal})
"""

CHECK_CALL = "    check(path, {sha256}, {fingerprint})\n"

CHECK = '''
def check(path, sha256, fingerprint):
    """Stop without the table; say so if it is another than in the search."""
    if not path.exists():
        sys.exit(f"There is no table {path}. Say where it is; --help lists the options.")
    if fingerprint(path) != sha256:
        print(f"{path} has changed since the search: expect another score.", file=sys.stderr)
'''

# --- main -----------------------------------------------------------------------------------------

MAIN = """
def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
{arguments}    parser.add_argument(
        "--save", default=Path(__file__).with_suffix(".skops"), help="file for the model"
    )
    call = parser.parse_args()
    warnings.simplefilter("ignore")  # the search has reported what there is to warn of

    features, target = {load}
{scoring}

    # Once more on all rows: this is the model to use.
    model = make_model(seed={seed}{final}).fit(features, target)
{portable}    to = Path(call.save)
    try:
        from skops.io import dump
    except ImportError:
        # joblib comes with scikit-learn; opening such a file runs code, so open only your own.
        from joblib import dump

        to = to.with_suffix(".joblib")
    dump(model, to)
    print(f"model fitted on all {{len(target)}} rows: {{to}}")
"""

PORTABLE = """\
    # scikit-learn's own model with the same weights: opening it needs neither JAX nor this script.
    model.steps[-1] = (model.steps[-1][0], plain(model.steps[-1][1]))
"""

TABLE_ARGUMENT = '    parser.add_argument("--{option}", default={constant}, help="{what}")\n'

SCORE_TEST = """
    # The rows that the search never saw.
{rows}
    model = make_model(seed={seed}{train}).fit(features.iloc[train], target[train])
    found = score(model, features.iloc[test], target[test])
    print(f"{measure} on {{len(test)}} test rows: {{found}}")
{places}"""

TEST_SHARE = """
    train, test = train_test_split(
        np.arange(len(target)),
        test_size={share},
        random_state={split_seed},
        stratify={stratify},
    )
"""

TEST_FOLD = """
    splitter = {kind}(n_splits={folds}, shuffle=True, random_state={split_seed})
    train, test = list(splitter.split(features, target))[{fold}]
"""

PLACES = """
    # The search's rows among the weights of examples; the test rows are not among them.
    places = np.full(len(target), len(train))
    places[train] = np.arange(len(train))
"""

SCORE_TEST_FILE = """
    # The rows that the search never saw.
    test_features, test_target = {load_test}
    model = make_model(seed={seed}{train}).fit(features, target)
    found = score(model, test_features, test_target)
    print(f"{measure} on {{len(test_target)}} test rows: {{found}}")

    # The two tables may have different categories, so these become plain values.
    plain = {{spec["name"]: object for spec in FEATURES if spec["kind"] == "category"}}
    features = pd.concat([features.astype(plain), test_features.astype(plain)])
    target = np.concatenate([target, test_target])
"""

SCORE_FOLDS = """
    # There are no test rows. This score chose the configuration, so it flatters.
    seeds = {seeds}
{folds}
    scores = []
    for seed, (train, valid) in zip(seeds, folds, strict=True):
        model = make_model(seed{train}).fit(features.iloc[train], target[train])
        scores.append(score(model, features.iloc[valid], target[valid]))
    print(f"{measure}, mean of {{len(scores)}} folds: {{statistics.fmean(scores)}}")
"""

KFOLD = """
    splitter = {kind}(n_splits={folds}, {times}, random_state={split_seed})
    folds = splitter.split(features, target)
"""

HOLDOUT = """
    rows = np.arange(len(target))
    folds = [
        train_test_split(
            rows, test_size={share}, random_state={split_seed}, stratify={stratify}
        )
    ]
"""
