#!/usr/bin/env python3
"""step-benchmark.py PROGRAM [cuda|cpu] [CASE...]: a training step (forward, backward, AdamW) by ServalStepBenchmark and by the same network
in Python PyTorch, eager and torch.compile, on the same device: bfloat16, channels last, fused AdamW. Prints the ratios
Python / Serval (above 1: Serval is faster) and exits with 1 where one is below its target."""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Wrapping" / "Python" / "serval"))
from torch_model import load_model  # noqa: E402  # this file alone: the package's extension module is not needed

ROUNDS = 3
TARGETS = {("kernels", "eager"): 1.0, ("launches", "eager"): 1.2, ("kernels", "compile"): 0.95, ("launches", "compile"): 0.95}


def wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def time_step(step: Callable[[], None], device: str) -> float:
    """Median of five means over about a second each, in milliseconds."""

    def run(count: int) -> float:
        wait(device)
        begin = time.perf_counter()
        for _ in range(count):
            step()
        wait(device)
        return (time.perf_counter() - begin) * 1e3 / count

    run(3)
    count = max(1, int(1000 / run(3)))
    return statistics.median(run(count) for _ in range(5))


def make_step(case: dict[str, str], folder: str, device: str, mode: str) -> Callable[[], None]:
    edge, batch = int(case["edge"]), int(case["batch"])
    model = load_model(os.path.join(folder, case["name"] + ".safetensors")).train()
    network = model.to(device=device, memory_format=torch.channels_last_3d)
    output = next(iter(sorted(model.outputs)))
    forward = torch.compile(network, dynamic=False) if mode == "compile" else network
    images = torch.randn(batch, 1, edge, edge, edge).to(device, memory_format=torch.channels_last_3d)
    labels = torch.randint(3, (batch, edge, edge, edge) if output == "segmentation" else (batch,)).to(device)
    adam = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0, fused=True)

    def step() -> None:
        adam.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16):
            logits = forward(images)[output]
        torch.nn.functional.cross_entropy(logits.float(), labels).backward()
        adam.step()

    return step


def time_serval(program: str, folder: str, device: str, names: list[str]) -> list[dict[str, str]]:
    output = subprocess.run([program, folder, device, *names], check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(output.splitlines(), ["name", "edge", "batch", "bound", "mode", "milliseconds"]))


def measure(program: str, device: str, names: list[str]) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], float]]:
    """The cases by name, and the median over the rounds for each (case, mode). The programs take turns."""
    times: dict[tuple[str, str], list[float]] = {}
    cases: dict[str, dict[str, str]] = {}
    steps: dict[tuple[str, str], Callable[[], None]] = {}  # kept: compiling takes minutes
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for row in time_serval(program, folder, device, names):
                cases[row["name"]] = row
                times.setdefault((row["name"], row["mode"]), []).append(float(row["milliseconds"]))
            for case in cases.values():
                for mode in ("eager", "compile"):
                    key = case["name"], mode
                    if key not in steps:
                        steps[key] = make_step(case, folder, device, mode)
                    times.setdefault(key, []).append(time_step(steps[key], device))
            if device == "cuda":
                torch.cuda.empty_cache()
    return cases, {key: statistics.median(values) for key, values in times.items()}


def main() -> int:
    program, device = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "cuda"
    torch.backends.cudnn.benchmark = True
    print(f"device: {torch.cuda.get_device_name() if device == 'cuda' else 'cpu'}, torch {torch.__version__}, medians of {ROUNDS} rounds")
    cases, times = measure(program, device, sys.argv[3:])
    short = 0
    for name, case in cases.items():
        ours = {mode: times[name, mode] for mode in ("steps", "graph") if (name, mode) in times}
        best = min(ours, key=lambda mode: ours[mode])
        print(f"{name} ({case['edge']}^3, batch {case['batch']}): " + ", ".join(f"Serval {mode} {ms:.3f} ms" for mode, ms in ours.items()))
        for mode in ("eager", "compile"):
            ratio, target = times[name, mode] / ours[best], TARGETS[case["bound"], mode]
            short += ratio < target
            print(f"  PyTorch {mode} {times[name, mode]:.3f} ms: ratio {ratio:.2f}, target {target:.2f}: {'below' if ratio < target else 'reached'}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
