"""Serval's models as torch.nn modules. This file needs torch only, and may be copied beside a model file.

    model = load_model("classifier.safetensors")
    probabilities = model(images)["classes"].softmax(1)  # images [N, C, (Z,) Y, X], as model.card["intensity"] says

A model file describes its network node by node (metadata `serval_graph`); every network of Serval is rebuilt from that.
"""

from __future__ import annotations

import json
import os
import struct
from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Node = dict[str, Any]


class LocallyConnected(nn.Module):
    """A convolution whose kernels differ from place to place. weight: [places, maps, window], bias: [maps, places]."""

    def __init__(self, node: Node, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self.node, self.weight = node, nn.Parameter(weight)
        self.bias = None if bias is None else nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        axes, node = x.dim() - 2, self.node
        windows = functional.pad(x, [node["padding"]] * (2 * axes))
        for axis in range(axes):
            windows = windows.unfold(2 + axis, node["kernel"], node["stride"])
        out = windows.shape[2 : 2 + axes]
        order = [*range(2, 2 + axes), 0, 1, *range(2 + axes, 2 + 2 * axes)]
        windows = windows.permute(order).reshape(self.weight.shape[0], x.shape[0], self.weight.shape[2])
        maps = torch.bmm(windows, self.weight.transpose(1, 2)).permute(1, 2, 0)
        return (maps if self.bias is None else maps + self.bias).reshape(x.shape[0], node["maps"], *out)


def _convolution(node: Node, weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Module:
    dimension, groups, transposed = weight.dim() - 2, node["groups"], node["operation"] == "transposed-convolution"
    kind = {(2, False): nn.Conv2d, (3, False): nn.Conv3d, (2, True): nn.ConvTranspose2d, (3, True): nn.ConvTranspose3d}[dimension, transposed]
    inputs, outputs = (weight.shape[0], weight.shape[1] * groups) if transposed else (weight.shape[1] * groups, weight.shape[0])
    return kind(inputs, outputs, node["kernel"], node["stride"], node["padding"], dilation=node["dilation"], groups=groups, bias=bias is not None)


def _module(node: Node, dimension: int, maps: int, arrays: dict[str, torch.Tensor]) -> nn.Module | None:
    """What holds the arrays of a node; None where it has none. `maps`: of its input, where the arrays do not tell."""
    weight, bias = arrays.get("weight"), arrays.get("bias")
    operation, affine = node["operation"], weight is not None
    if operation in ("convolution", "transposed-convolution"):
        module = _convolution(node, weight, bias)
    elif operation == "linear":
        module = nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    elif operation == "batch-norm":
        module = (nn.BatchNorm2d if dimension == 2 else nn.BatchNorm3d)(len(arrays["mean"]), eps=node["epsilon"], affine=affine)
        module.running_mean.copy_(arrays["mean"])
        module.running_var.copy_(arrays["variance"])
    elif operation == "instance-norm":
        module = (nn.InstanceNorm2d if dimension == 2 else nn.InstanceNorm3d)(maps, node["epsilon"], affine=affine)
    elif operation == "group-norm":
        module = nn.GroupNorm(node["groups"], maps, node["epsilon"], affine)
    elif operation == "locally-connected":
        return LocallyConnected(node, weight, bias)
    else:
        return None
    with torch.no_grad():
        for name, array in (("weight", weight), ("bias", bias)):
            if array is not None:
                getattr(module, name).copy_(array)
    return module


class Model(nn.Module):
    """A network of Serval. card: the model file's description; forward gives its outputs by name ("classes",
    "segmentation", "reconstruction", ...): logits. Modules are named as in Serval, with _ for the dots."""

    def __init__(self, card: dict[str, Any], graph: dict[str, Any], arrays: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.card, self.nodes, self.outputs, self.dimension = card, graph["nodes"], graph["outputs"], graph["dimension"]
        maps: list[int] = []
        for node in self.nodes:
            given = [maps[i] for i in node["inputs"]]
            own = {name[len(node["name"]) + 1 :]: array for name, array in arrays.items() if name.rpartition(".")[0] == node["name"]}
            module = _module(node, self.dimension, given[0] if given else 0, own)
            if module is not None:
                self.add_module(node["name"].replace(".", "_"), module)
            changes = node["maps"] > 0
            maps.append(graph["channels"] if not given else sum(given) if node["operation"] == "concatenate" else node["maps"] if changes else given[0])

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        values: list[torch.Tensor] = []
        for node in self.nodes:
            values.append(self._compute(node, [values[i] for i in node["inputs"]]) if node["inputs"] else x)
        return {name: values[place] for name, place in self.outputs.items()}

    def _compute(self, node: Node, inputs: list[torch.Tensor]) -> torch.Tensor:
        x, operation = inputs[0], node["operation"]
        module = self._modules.get(node["name"].replace(".", "_"))
        if module is not None:
            return module(x.flatten(1) if operation == "linear" else x)
        if operation in ("max-pool", "average-pool"):
            pool = getattr(functional, f"{'max' if operation == 'max-pool' else 'avg'}_pool{self.dimension}d")
            return pool(x, node["kernel"], node["stride"], node["padding"], ceil_mode=node["roundsUp"])
        if operation == "local-response":
            return functional.local_response_norm(x, node["kernel"], node["alpha"], node["beta"], node["value"])
        if operation == "subsample":
            for axis in range(2, x.dim()):
                x = x.index_select(axis, torch.arange(0, x.shape[axis], node["stride"], device=x.device))
            extra = node["maps"] - x.shape[1]
            return functional.pad(x, [0, 0] * self.dimension + [extra // 2, extra - extra // 2])
        simple = {
            "relu": lambda: x.relu(), "leaky-relu": lambda: functional.leaky_relu(x, node["value"]), "elu": lambda: functional.elu(x),
            "gelu": lambda: functional.gelu(x), "tanh": lambda: x.tanh(), "sigmoid": lambda: x.sigmoid(),
            "global-average": lambda: x.flatten(2).mean(2), "flatten": lambda: x.flatten(1), "concatenate": lambda: torch.cat(inputs, 1),
            "add": lambda: inputs[0] + inputs[-1], "dropout": lambda: functional.dropout(x, node["value"], self.training),
            "upsample": lambda: functional.interpolate(x, scale_factor=node["stride"], mode="nearest"),
        }  # fmt: skip
        return simple[operation]()


def read_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Metadata and float32 arrays of a safetensors file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), bytearray(file.read())
    metadata, arrays = header.pop("__metadata__", {}), OrderedDict()
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] == "F32":
            arrays[name] = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin).reshape(entry["shape"]).clone()
    return metadata, arrays


def load_model(path: str | os.PathLike[str]) -> Model:
    """The model of a file, in evaluation mode. ValueError when it is none of Serval."""
    metadata, arrays = read_arrays(path)
    if "serval_graph" not in metadata:
        raise ValueError(f"{os.fspath(path)} is no model of Serval, or of a version that does not describe its layers")
    return Model(json.loads(metadata["serval"]), json.loads(metadata["serval_graph"]), arrays).eval()
