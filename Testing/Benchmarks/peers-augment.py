"""peers-augment.py PEER EDGE THREADS SECONDS: flips, affine, noise and gamma of ServalAugmentationBenchmark in peers.

PEER is monai (Rand...d transforms at probability 1 on image and labels), torch (affine_grid, grid_sample and tensor
operations) or torchio. Prints JSON {samples_per_second}.
"""
import json
import math
import sys
import time

import torch

PEER, EDGE, THREADS, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(THREADS)
torch.manual_seed(1)
image = torch.arange(EDGE**3, dtype=torch.float32).reshape(1, EDGE, EDGE, EDGE)
labels = (image > image.mean()).to(torch.uint8)


def monai():
    from monai import transforms as t

    keys = ["image", "labels"]
    turn = math.pi / 6
    chain = t.Compose([
        *[t.RandFlipd(keys, 0.5, axis) for axis in range(3)],
        t.RandAffined(keys, prob=1, rotate_range=[turn] * 3, scale_range=[0.25] * 3, mode=("bilinear", "nearest"), padding_mode="border"),
        t.RandGaussianNoised("image", prob=1, std=0.1), t.RandAdjustContrastd("image", prob=1, gamma=(0.67, 1.5))])
    return lambda: chain({"image": image, "labels": labels})


def torchio():
    import torchio as tio

    chain = tio.Compose([tio.RandomFlip((0, 1, 2)), tio.RandomAffine((0.8, 1.25), 30, default_pad_value="minimum"), tio.RandomNoise(std=(0, 0.1)), tio.RandomGamma((-0.4, 0.4))])
    return lambda: chain(tio.Subject(image=tio.ScalarImage(tensor=image), labels=tio.LabelMap(tensor=labels)))


def torch_ops():
    def rotation(axis, angle):
        m = torch.eye(3)
        u, v = (axis + 1) % 3, (axis + 2) % 3
        m[u, u] = m[v, v] = math.cos(angle)
        m[u, v], m[v, u] = -math.sin(angle), math.sin(angle)
        return m

    def once():
        angles = (torch.rand(3) * 2 - 1) * math.pi / 6
        matrix = rotation(0, angles[0]) @ rotation(1, angles[1]) @ rotation(2, angles[2]) * (0.8 + 0.45 * torch.rand(1))
        matrix = matrix @ torch.diag((torch.rand(3) < 0.5).float() * 2 - 1)
        grid = torch.nn.functional.affine_grid(torch.cat([matrix, torch.zeros(3, 1)], 1)[None], (1, 1, EDGE, EDGE, EDGE), align_corners=False)
        moved = torch.nn.functional.grid_sample(image[None], grid, padding_mode="border", align_corners=False)
        truth = torch.nn.functional.grid_sample(labels[None].float(), grid, mode="nearest", padding_mode="border", align_corners=False).to(torch.uint8)
        low, high = moved.min(), moved.max()
        moved = ((moved - low) / (high - low).clamp_min(1e-12)).pow(0.67 + 0.83 * torch.rand(1)) * (high - low) + low
        return moved + torch.randn_like(moved) * 0.1 * torch.rand(1), truth

    return once


once = {"monai": monai, "torchio": torchio, "torch": torch_ops}[PEER]()
once()
count, begin = 0, time.perf_counter()
while time.perf_counter() - begin < SECONDS:
    once()
    count += 1
print(json.dumps({"samples_per_second": round(count / (time.perf_counter() - begin), 1)}))
