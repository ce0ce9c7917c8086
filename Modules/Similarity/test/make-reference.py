#!/usr/bin/env python3
"""Writes reference.txt: small data and the scores of them, from the definitions, by loops, with numpy alone."""
import sys
from itertools import product

import numpy as np

random = np.random.default_rng(20240607)


def covariance(x):
    return np.atleast_2d(np.cov(x, rowvar=False))


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T


def frechet(x, y):
    c1, c2 = covariance(x), covariance(y)
    half = root(c1)
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root(half @ c2 @ half))


def mean_distance(x, y):
    return np.mean([np.linalg.norm(a - b) for a, b in product(x, y)])


def energy(x, y):
    return 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y)


def discrepancy(x, y, sigma):
    def kernel(a, b):
        return np.mean([np.exp(-((p - q) ** 2).sum() / (2 * sigma**2)) for p, q in product(a, b)])

    return kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)


def alignment(x, y):
    n = len(x)
    h = np.eye(n) - np.ones((n, n)) / n
    k, l = h @ x @ x.T @ h, h @ y @ y.T @ h
    return np.trace(k @ l) / np.sqrt(np.trace(k @ k) * np.trace(l @ l))


def entropic(cost, epsilon):
    n, m = cost.shape
    f, g = np.zeros(n), np.zeros(m)
    for _ in range(500):
        f2 = -epsilon * np.log(np.mean(np.exp((g[None] - cost) / epsilon), axis=1))
        g2 = -epsilon * np.log(np.mean(np.exp((f[:, None] - cost) / epsilon), axis=0))
        f, g = (f + f2) / 2, (g + g2) / 2
    return f.mean() + g.mean()


def labelled_transport(x, p, y, q):
    def cost(a, s, b, t):
        return np.array([[((u - v) ** 2).sum() + frechet(a[s == i], b[t == j]) for v, j in zip(b, t)] for u, i in zip(a, s)])

    xy, xx, yy = cost(x, p, y, q), cost(x, p, x, p), cost(y, q, y, q)
    mean = (2 * xy.sum() + xx.sum() + yy.sum()) / (2 * xy.size + xx.size + yy.size)
    e = 0.05 * mean
    return entropic(xy, e) - (entropic(xx, e) + entropic(yy, e)) / 2


def leep(theta, labels):
    n, sources = theta.shape
    total = 0.0
    for i in range(n):
        inner = 0.0
        for z in range(sources):
            mass = theta[:, z].sum()
            if mass > 0:
                inner += theta[labels == labels[i], z].sum() / mass * theta[i, z]
        total += np.log(inner)
    return total / n


def conditional_entropy(theta, labels):
    decided = theta.argmax(1)
    return np.mean([np.log(np.mean(labels[decided == z] == y)) for z, y in zip(decided, labels)])


def gaussian_leep(x, labels):
    c = x - x.mean(0)
    u, s, vt = np.linalg.svd(c, full_matrices=False)
    kept = int(np.searchsorted(np.cumsum(s**2) / (s**2).sum(), 0.8 - 1e-12) + 1)
    z = c @ vt[:kept].T
    count = min(5 * len(set(labels)), len(x) // 2)
    chosen = [int(np.argmin((z**2).sum(1)))]
    while len(chosen) < count:
        chosen.append(int(np.argmax([min(((r - z[k]) ** 2).sum() for k in chosen) for r in z])))
    mean, weight = z[chosen].copy(), np.full(count, 1 / count)
    variance = np.tile((z**2).mean(0), (count, 1))
    floor = 1e-6 * (z**2).mean(0)
    for step in range(101):
        density = np.array([[np.log(weight[k]) - 0.5 * np.sum(np.log(variance[k]) + (r - mean[k]) ** 2 / variance[k]) for k in range(count)] for r in z])
        posterior = np.exp(density - density.max(1, keepdims=True))
        posterior /= posterior.sum(1, keepdims=True)
        if step == 100:
            break
        for k in range(count):
            mass = posterior[:, k].sum()
            weight[k] = max(mass / len(z), 1e-300)
            if mass > 1e-12:
                mean[k] = posterior[:, k] @ z / mass
                variance[k] = np.maximum(posterior[:, k] @ (z - mean[k]) ** 2 / mass, floor)
    return leep(posterior, labels)


def log_evidence(x, labels):
    """The best of the closed-form evidence over a fine search of both precisions, refined by Newton-free shrinking."""
    n, d = x.shape
    scores = []
    for label in sorted(set(labels)):
        y = (labels == label).astype(float)

        def evidence(la, lb):
            a, b = np.exp(la), np.exp(lb)
            covariance_of_y = np.eye(n) / b + x @ x.T / a
            sign, logdet = np.linalg.slogdet(covariance_of_y)
            return -0.5 * (n * np.log(2 * np.pi) + logdet + y @ np.linalg.solve(covariance_of_y, y))

        at, step = np.array([0.0, 0.0]), 2.0
        best = evidence(*at)
        while step > 1e-7:
            moved = False
            for move in ([step, 0], [-step, 0], [0, step], [0, -step], [step, step], [-step, -step]):
                value = evidence(*(at + move))
                if value > best:
                    best, at, moved = value, at + move, True
            if not moved:
                step /= 2
        scores.append(best / n)
    return np.mean(scores)


def shrinkage(x):
    n, d = x.shape
    c = x - x.mean(0)
    s = c.T @ c / n
    m = np.trace(s) / d
    distance = ((s - m * np.eye(d)) ** 2).sum()
    spread = sum(((np.outer(r, r) - s) ** 2).sum() for r in c) / n**2
    return min(spread, distance) / distance


def shrunk_h_score(x, labels):
    n, d = x.shape
    c = x - x.mean(0)
    s, share = c.T @ c / n, shrinkage(x)
    shrunk = (1 - share) * s + share * np.trace(s) / d * np.eye(d)
    g = np.array([c[labels == y].mean(0) for y in labels])
    return np.trace(np.linalg.pinv(shrunk) @ ((1 - share) * g.T @ g / n))


def ranks(values):
    return np.array([(values < v).sum() + ((values == v).sum() + 1) / 2 for v in values])


def pairwise_correlation(x, labels):
    one_hot = np.eye(labels.max() + 1)[labels]
    lower = np.tril_indices(len(x), -1)
    a, b = (1 - np.corrcoef(x))[lower], np.round((1 - np.corrcoef(one_hot))[lower], 9)
    return np.corrcoef(ranks(a), ranks(b))[0, 1]


def coding_rate(z):
    return 0.5 * np.linalg.slogdet(np.eye(z.shape[1]) + z.T @ z / (len(z) * 1e-4))[1]


def trans_rate(x, labels):
    z = x - x.mean(0)
    return coding_rate(z) - sum(np.mean(labels == y) * coding_rate(z[labels == y]) for y in set(labels))


def features_and_gradients(x, labels):
    classes = labels.max() + 1
    one_hot = np.eye(classes)[labels]
    c = x - x.mean(0)
    g = np.array([np.outer(one_hot.mean(0) - y, r).ravel() for y, r in zip(one_hot, c)])
    agreement = (g.mean(0) ** 2).sum() / (g**2).sum(1).mean()
    return shrunk_h_score(x, labels) / (classes - 1) * agreement


def kendall(a, b):
    pairs = [(np.sign(a[i] - a[j]), np.sign(b[i] - b[j])) for i in range(len(a)) for j in range(i)]
    return sum(s * t for s, t in pairs) / np.sqrt(sum(s != 0 for s, _ in pairs) * sum(t != 0 for _, t in pairs))


def single(values):  # what a float32 file holds
    return np.asarray(values, dtype=np.float32).astype(float)


a_classes = np.array([0, 1, 2] * 6)
b_classes = np.array([0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1])
a = single(random.normal(size=(18, 4)) + np.eye(4)[a_classes] * 1.5)
b = single(random.normal(size=(11, 4)) * 1.3 + 0.4)
wide = single(random.normal(size=(18, 30)) + np.eye(30)[a_classes])
theta = random.dirichlet([0.5] * 4, size=18)
theta[:, 2] = 0  # a source class that is never predicted
theta = single(theta / theta.sum(1, keepdims=True))
tied = single(np.round(random.normal(size=10), 0))
other = single(random.normal(size=10))

out = open(sys.argv[1], "w") if len(sys.argv) > 1 else sys.stdout
for name, matrix in (("a", a), ("b", b), ("wide", wide), ("theta", theta), ("tied", tied[:, None]), ("other", other[:, None]),
                     ("aClasses", a_classes[:, None]), ("bClasses", b_classes[:, None])):
    print("matrix", name, *matrix.shape, file=out)
    for row in matrix:
        print(*(f"{v:.9g}" for v in row), file=out)
for name, value in (
    ("frechet", frechet(a, b)), ("energy", energy(a, b)), ("mmd", discrepancy(a, b, 1.7)), ("alignment", alignment(a, wide)),
    ("transport", labelled_transport(a, a_classes, b, b_classes)), ("leep", leep(theta, a_classes)),
    ("nce", conditional_entropy(theta, a_classes)), ("nleep", gaussian_leep(a, a_classes)), ("nleepWide", gaussian_leep(wide, a_classes)),
    ("logme", log_evidence(a, a_classes)), ("hscore", shrunk_h_score(a, a_classes)), ("hscoreWide", shrunk_h_score(wide, a_classes)),
    ("parc", pairwise_correlation(a, a_classes)), ("transrate", trans_rate(a, a_classes)), ("transrateWide", trans_rate(wide, a_classes)),
    ("gradients", features_and_gradients(a, a_classes)), ("gradientsWide", features_and_gradients(wide, a_classes)),
    ("kendall", kendall(tied, other)), ("spearman", np.corrcoef(ranks(tied), ranks(other))[0, 1])):
    print("value", name, f"{value:.12g}", file=out)
