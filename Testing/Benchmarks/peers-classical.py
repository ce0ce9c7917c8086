#!/usr/bin/env python3
"""Fits of Serval's classifiers beside scikit-learn's, one thread, processor seconds, on the same rows: 2,000 of 4,096 features by default.
usage: peers-classical.py BENCHMARK [rows [columns]]; needs scikit-learn."""

import os
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC


def main():
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    columns = int(sys.argv[3]) if len(sys.argv) > 3 else 4096
    random = np.random.default_rng(5)
    y = random.integers(0, 2, rows + 1000).astype(np.int32)
    x = random.normal(size=(rows + 1000, columns)).astype(np.float32)
    x[:, : columns // 8] += 0.12 * (2 * y[:, None] - 1)
    with tempfile.TemporaryDirectory() as folder:
        x.tofile(folder + "/x.f32")
        y.tofile(folder + "/y.i32")
        with open(folder + "/shape.txt", "w") as shape:
            shape.write(f"{rows + 1000} {columns} {rows}\n")
        print(subprocess.run([sys.argv[1], folder], capture_output=True, text=True, check=True).stdout, end="")

    def timed(name, make, repeats=3):
        spans = []
        for _ in range(repeats):
            start = time.process_time()
            model = make().fit(x[:rows], y[:rows])
            spans.append(time.process_time() - start)
        print(f"sklearn {name:33} {min(spans):.3f} to {max(spans):.3f} s, accuracy {model.score(x[rows:], y[rows:]):.3f}", flush=True)

    timed("logistic-regression", lambda: LogisticRegression(max_iter=1000))
    timed("svm-linear", lambda: SVC(kernel="linear"), 1)
    timed("svm-rbf", lambda: SVC(gamma=1 / columns), 1)
    if rows * columns <= 1000 * 1024:
        grid = {"C": [0.1, 1, 10], "gamma": [g / columns for g in (0.25, 1, 4)]}
        timed("svm-rbf, 9 settings by 5 folds", lambda: GridSearchCV(SVC(), grid, cv=5), 1)


main()
