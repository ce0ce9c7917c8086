#!/usr/bin/env python3
"""run.py --python PEERS_PYTHON --build BUILD_FOLDER --data DATA [--repeats N] [--rows A,B] [--noSync] [--output FILE.md]

Serval against MONAI, TorchIO, numpy + h5py, SimpleITK, ITK and scikit-image on the files of make-data.py. Every repeat of
a row runs all its peers and ours in turn, each in a process of its own; ratios are of minima, as the machine may be
shared. Both sides sync what they write, or neither does (--noSync, by libeatmydata). Peers' times leave their imports out;
ours leave out the start of the command, timed in the same turn (`--xml`, which loads the same libraries). The start is
printed. ITK C++ rows come from the C++ benchmark programs.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
# row: title, peers, unit, better, target ratio to the best peer, options of our extraction
EXTRACTION = {
    "patch32": ("random 32^3 patches -> cache", ["numpy", "monai", "torchio"], 1.2, ["--size", "32,32,32", "--count", "250"]),
    "patch64": ("random 64^3 patches -> cache", ["numpy", "monai", "torchio"], 1.15, ["--size", "64,64,64", "--count", "50"]),
    "slice64": ("64x64 slices -> cache", ["numpy", "monai", "torchio"], 2.0, ["--size", "64,64,1", "--count", "2000"]),
    "gzip": ("random 32^3, gzip readable by plain HDF5", ["numpy", "monai", "torchio"], 5.0,
             ["--size", "32,32,32", "--count", "250", "--compression", "gzip"]),
}
READING = {
    "read-patch64": ("read random 64^3, batch 8, float32", ["monai", "numpy"], 2.0),
    "read-patch32": ("read random 32^3, batch 8, float32", ["monai", "numpy"], 1.0),
}
LOADING = {
    "load-nifti": (".nii.gz load", ["itk", "simpleitk", "nibabel"], 1 / 0.75),
    "load-dicom": ("DICOM series of 160, load", ["itk", "simpleitk"], 1 / 0.7),
}


def writing(options):
    """The environment in which files are written."""
    return dict(os.environ, LD_PRELOAD="libeatmydata.so") if options.noSync else dict(os.environ)


def timed(options, command):
    """Seconds and peak memory (MiB) of a command that must succeed."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=writing(options), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        sys.exit(f"{' '.join(command)}: status {status}")
    return seconds, usage.ru_maxrss / 1024


def peer(options, row, name, scratch):
    environment = dict(writing(options), PYTHONPATH=str(options.build / "python"), OMP_NUM_THREADS="2", ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS="2")
    command = [str(options.python), str(HERE / "peers.py"), row, name, str(options.data), str(scratch)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{row} {name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def extraction(options, row, scratch):
    cache = scratch / "serval.cache"
    shutil.rmtree(cache, ignore_errors=True)
    program = str(options.build / "cli-modules/ServalExtractPatches")
    start = min(timed(options, [program, "--xml"])[0] for _ in range(3))
    seconds, memory = timed(options, [program, "--manifest", str(options.data / "manifest.csv"), "--cache", str(cache), "--classFrom", "none",
                                      "--sampler", "uniform", "--threads", "2", "--progress", "none", *EXTRACTION[row][3]])
    size = re.findall(r"\d+", EXTRACTION[row][3][1])
    voxels = int(size[0]) * int(size[1]) * int(size[2])
    return {"seconds": seconds - start, "amount": 2 * voxels * int(EXTRACTION[row][3][3]) * 8, "rss": memory, "start": start}


def measure(options, row, peers, ours, scratch):
    found = {name: [] for name in [*peers, "serval"]}
    for _ in range(options.repeats):
        for name in peers:
            result = peer(options, row, name, scratch)
            if result:
                found[name].append(result)
        found["serval"].append(ours())
    return {name: runs for name, runs in found.items() if runs and all(runs)}


def shown(row, runs):
    """Best and median speed: MB/s, samples/s, or ms."""
    speeds = [run["amount"] / run["seconds"] for run in runs]
    if row in LOADING or row == "chain":
        times = [1000 * run["seconds"] for run in runs]
        return f"{min(times):.1f} / {statistics.median(times):.1f} ms"
    scale, unit = (1, "samples/s") if row in READING else (1e6, "MB/s")
    return f"{max(speeds) / scale:,.0f} / {statistics.median(speeds) / scale:,.0f} {unit}"


def line(row, title, target, found):
    best = min((min(run["seconds"] for run in runs), name) for name, runs in found.items() if name != "serval")
    ratio = best[0] / min(run["seconds"] for run in found["serval"])
    cells = [f"{name} {shown(row, runs)} ({min(run['rss'] for run in runs):.0f} MiB)" for name, runs in found.items() if name != "serval"]
    own = f"{shown(row, found['serval'])} ({max(run['rss'] for run in found['serval']):.0f} MiB)"
    if "start" in found["serval"][0]:
        whole = min(run["seconds"] + run["start"] for run in found["serval"])
        own += f", start {1000 * min(run['start'] for run in found['serval']):.0f} ms; with it {best[0] / whole:.2f} of {best[1]}"
    verdict = "met" if ratio >= target else "missed"
    return f"| {title} | {'; '.join(cells)} | {own} | {ratio:.2f} of {best[1]} | {target:.2f} | {verdict} |"


def machine():
    model = next((text.split(":")[1].strip() for text in open("/proc/cpuinfo") if text.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release().split('-')[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--python", "--build", "--data"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", default=",".join([*EXTRACTION, *READING, *LOADING]))
    parser.add_argument("--noSync", action="store_true")
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    lines = [machine() + f"; {options.repeats} repeats in turns{', nothing synced' if options.noSync else ''}; best / median (peak memory)", "",
             "| work | peers | Serval | ratio of the best times | at least | |", "| --- | --- | --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory(dir=options.data) as folder:
        scratch = pathlib.Path(folder)
        for row in options.rows.split(","):
            if row in EXTRACTION:
                title, peers, target, _ = EXTRACTION[row]
                found = measure(options, row, peers, lambda: extraction(options, row, scratch), scratch)
            else:
                title, peers, target = {**READING, **LOADING}[row]
                if row in READING:
                    extraction(options, row.removeprefix("read-"), scratch)
                    peer(options, row.removeprefix("read-"), "numpy", scratch)
                found = measure(options, row, peers, lambda: peer(options, row, "serval", scratch), scratch)
            lines.append(line(row, title, target, found))
            print(lines[-1], flush=True)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
