"""Writes what PyTorch itself computes from the published weight files: input and output, for GraphNetworkTest.

make-parity.py DATA_WEIGHTS OUTPUT_FOLDER (needs torch and numpy)
"""
import json
import pathlib
import struct
import sys

import numpy
import torch
from torch.nn import functional


def write(path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        raw = array.detach().contiguous().numpy().astype(numpy.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def norm(x, weights, name):
    statistics = (weights[name + ".running_mean"], weights[name + ".running_var"])
    return functional.batch_norm(x, *statistics, weights[name + ".weight"], weights[name + ".bias"])


def resnet20(weights, x):
    def convolve(value, name, stride=1):
        return functional.conv2d(value, weights[name + ".weight"], stride=stride, padding=1)

    x = norm(convolve(x, "conv1"), weights, "bn1").relu()
    for layer in range(1, 4):
        for block in range(3):
            name, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = norm(convolve(x, name + ".conv1", stride), weights, name + ".bn1").relu()
            y = norm(convolve(y, name + ".conv2"), weights, name + ".bn2")
            if stride == 2:
                extra = x.shape[1] // 2
                x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, extra, extra))
            x = (x + y).relu()
    return functional.linear(x.mean((2, 3)), weights["linear.weight"], weights["linear.bias"])


def meshnet(weights, x):
    for i, dilation in enumerate([1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1]):
        name = f"model.{i}."
        x = functional.conv3d(x, weights[name + "0.weight"], weights[name + "0.bias"], padding=dilation, dilation=dilation)
        x = functional.gelu(norm(x, weights, name + "1"))
    return functional.conv3d(x, weights["model.19.weight"], weights["model.19.bias"])


def main(source, target):
    torch.manual_seed(1)
    state = torch.load(f"{source}/resnet20-cifar10.th", map_location="cpu", weights_only=False)["state_dict"]
    state = {name.removeprefix("module."): value for name, value in state.items()}
    x = torch.randn(2, 3, 32, 32)
    write(f"{target}/resnet20-parity.safetensors", {"input": x, "output": resnet20(state, x)})
    state = torch.load(f"{source}/meshnet-brain-t1.pth", map_location="cpu")
    x = torch.rand(1, 1, 12, 14, 16)
    write(f"{target}/meshnet-parity.safetensors", {"input": x, "output": meshnet(state, x)})


if __name__ == "__main__":
    with torch.no_grad():
        main(*sys.argv[1:])
