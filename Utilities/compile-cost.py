#!/usr/bin/env python3
"""CPU seconds and peak memory of every compiled unit; the worst ten, and an error over the limits.

compile-cost.py [--measure | --all] BUILD_FOLDER
    --measure  compile the units that have no record, without the cache; those over the limits once more, alone, with a
               yardstick beside them, so that a slow or busy machine raises the limit of seconds
    --all      compile every unit
compile-cost.py COMPILER ARGUMENTS...
    runs the compiler and records its cost beside the object file; used as CCACHE_PREFIX

Costs are also kept in the compiler cache's folder by the bytes of the object, so that what comes out of that cache
has its record.
"""
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CPU_LIMIT = 30.0  # seconds
MEMORY_LIMIT = 1600.0  # MB of 10^6 bytes
YARDSTICK_SECONDS = 5.0  # of YARDSTICK on the machine for which CPU_LIMIT was set
YARDSTICK = """
#include <bits/stdc++.h>
int main(int, char ** words)
{
  std::map<std::string, std::vector<double>> numbers;
  for (auto & [name, values] : numbers)
    std::ranges::sort(values);
  std::cout << std::regex_replace(words[0], std::regex(words[1]), "") << numbers.size();
}
"""


def run_measured(command, folder=None):
    """Exit status, CPU seconds, peak resident MB of the command and its children."""
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def record_of(output):
    return Path(f"{output}.cost")


def write_record(output, cpu, memory):
    record_of(output).write_text(f"{cpu:.2f} {memory:.0f}\n")


def cost_of(output):
    """CPU seconds and megabytes on record, or None."""
    cost = record_of(output)
    return tuple(map(float, cost.read_text().split())) if cost.is_file() else None


def is_over(cost):
    return cost is not None and (cost[0] > CPU_LIMIT or cost[1] > MEMORY_LIMIT)


def slowness(compiler):
    """How many times slower than on the machine of the limits a yardstick compiles now; at least 1."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "yardstick.cxx")
        source.write_text(YARDSTICK)
        code, cpu, _ = run_measured([compiler, "-std=c++20", "-O2", "-c", str(source), "-o", f"{scratch}/unit.o"])
    if code != 0:
        sys.exit(f"compile-cost: the yardstick did not compile (exit code {code})")
    return max(1.0, cpu / YARDSTICK_SECONDS)


class Kept:
    """Costs by the bytes of the object, in the compiler cache's folder: what comes out of that cache has its record."""
    NEWEST = 5000

    def __init__(self):
        try:
            said = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=True)
            self.file = Path(said.stdout.strip(), "serval-compile-cost.json")
            self.costs = json.loads(self.file.read_text())
        except FileNotFoundError:
            self.costs = {}
        except (OSError, ValueError, subprocess.CalledProcessError):
            self.file, self.costs = None, {}

    @staticmethod
    def key(output):
        return hashlib.sha256(output.read_bytes()).hexdigest()

    def recall(self, output):
        """Renews the record beside an object that a build took from the cache."""
        if output.is_file() and (cost := self.costs.get(self.key(output))):
            write_record(output, *cost)

    def keep(self, outputs):
        for output in outputs:
            if output.is_file() and (cost := cost_of(output)):
                key = self.key(output)
                self.costs.pop(key, None)
                self.costs[key] = cost
        if self.file and self.file.parent.is_dir():
            new = self.file.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(dict(list(self.costs.items())[-self.NEWEST:])))
            new.replace(self.file)


def output_of(unit):
    command = shlex.split(unit["command"])
    return Path(unit["directory"], command[command.index("-o") + 1])


def record(command):
    """Runs the compiler; a compilation leaves its cost beside its object."""
    code, cpu, memory = run_measured(command)
    if code == 0 and "-c" in command and "-o" in command:
        output = Path(command[command.index("-o") + 1])
        if output.suffix == ".o":
            write_record(output, cpu, memory)
    return code if code >= 0 else 128 - code


def is_fresh(output):
    """A record is of the present object when it is not older (a cache hit renews the object alone)."""
    cost = record_of(output)
    return cost.is_file() and output.is_file() and cost.stat().st_mtime >= output.stat().st_mtime - 2


def command_of(unit):
    command = shlex.split(unit["command"])
    while Path(command[0]).name == "ccache":
        command.pop(0)
    return command


def measure(unit):
    """Compiles a unit of compile_commands.json without the cache, into a temporary object; CPU seconds and MB."""
    command = command_of(unit)
    with tempfile.TemporaryDirectory() as scratch:
        command[command.index("-o") + 1] = f"{scratch}/unit.o"
        if "-MF" in command:
            command[command.index("-MF") + 1] = f"{scratch}/unit.d"
        code, cpu, memory = run_measured(command, unit["directory"])
    if code != 0:
        sys.exit(f"compile-cost: {unit['file']} did not compile (exit code {code})")
    write_record(output_of(unit), cpu, memory)
    return cpu, memory


def judge(unit):
    """Measures a unit alone; its seconds as they would be on the machine of the limits."""
    compiler = command_of(unit)[0]
    before = slowness(compiler)
    cpu, memory = measure(unit)
    slow = (before + slowness(compiler)) / 2
    print(f"{unit['file']}: {cpu:.1f} s alone, where the yardstick takes {slow:.2f} times its seconds")
    write_record(output_of(unit), cpu / slow, memory)


def jobs():
    """Two at most: the largest units need 1.5 GB each."""
    return min(2, os.cpu_count() or 1)


def table(folder, mode):
    database = Path(folder, "compile_commands.json")
    if not database.is_file():
        sys.exit(f"compile-cost: {database} is missing; configure with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    units = json.loads(database.read_text())
    outputs = [output_of(unit) for unit in units]
    if mode:
        kept = Kept()
        if mode == "--measure":
            for output in outputs:
                if not is_fresh(output):
                    kept.recall(output)
        with ThreadPoolExecutor(jobs()) as pool:
            list(pool.map(measure, [u for u, o in zip(units, outputs) if mode == "--all" or not is_fresh(o)]))
        for unit, output in zip(units, outputs):  # neighbours on a shared core add to the seconds
            if is_over(cost_of(output)):
                judge(unit)
        kept.keep(outputs)
    costs = []
    for unit, output in zip(units, outputs):
        if cost := cost_of(output):
            costs.append((*cost, os.path.relpath(unit["file"], Path(folder).resolve().parent.parent)))
    costs.sort(reverse=True)
    over = [cost for cost in costs if is_over(cost)]
    print(f"Compile cost: {len(costs)} of {len(units)} units measured, {sum(c[0] for c in costs):.0f} CPU s in all, "
          f"peak {max((c[1] for c in costs), default=0):.0f} MB; limits {CPU_LIMIT:.0f} CPU s, {MEMORY_LIMIT:.0f} MB")
    for cpu, memory, name in costs[:10] + [cost for cost in over if cost not in costs[:10]]:
        print(f"{cpu:8.1f} s {memory:8.0f} MB  {name}{'  OVER THE LIMIT' if (cpu, memory, name) in over else ''}")
    return 1 if over else 0


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    mode = arguments.pop(0) if arguments[0] in ("--measure", "--all") else ""
    if len(arguments) == 1 and Path(arguments[0]).is_dir():
        return table(arguments[0], mode)
    return record(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
