"""peers-step.py PEER EDGE BATCH THREADS STEPS: the training step of ServalTrainingStepBenchmark in MONAI or PyTorch.

PEER is NETWORK-MODE: monai (DynUNet), nnunet (PlainConvUNet) or nnunet-batch (the same with batch normalisation and ReLU);
fp32, fp32cl, bf16, bf16cl, compile (bf16cl through torch.compile). Prints JSON {seconds, rss}; the first step is apart.
"""
import json
import resource
import sys
import time

import torch

PEER, EDGE, BATCH, THREADS, STEPS = sys.argv[1], *map(int, sys.argv[2:6])
NETWORK, MODE = PEER.rsplit("-", 1)
FILTERS = [32, 64, 128, 256, 320, 320]
torch.set_num_threads(THREADS)
torch.manual_seed(1)


def network():
    if NETWORK == "monai":
        from monai.networks.nets import DynUNet

        return DynUNet(3, 1, 2, [3] * 6, [1, 2, 2, 2, 2, 2], [2] * 5, filters=FILTERS)
    from dynamic_network_architectures.architectures.unet import PlainConvUNet
    from torch import nn

    batch = NETWORK == "nnunet-batch"
    return PlainConvUNet(1, 6, FILTERS, nn.Conv3d, 3, [1, 2, 2, 2, 2, 2], 2, 2, 2, conv_bias=True,
                         norm_op=nn.BatchNorm3d if batch else nn.InstanceNorm3d, norm_op_kwargs={"affine": True},
                         nonlin=nn.ReLU if batch else nn.LeakyReLU, nonlin_kwargs={"inplace": True})


def loss_of(logits, labels):
    """Cross-entropy and 1 - mean soft Dice over the batch."""
    probabilities, truth = logits.softmax(1), torch.nn.functional.one_hot(labels, 2).movedim(-1, 1).float()
    axes = (0, 2, 3, 4)
    dice = 2 * (probabilities * truth).sum(axes) / (probabilities.sum(axes) + truth.sum(axes)).clamp_min(1e-5)
    return torch.nn.functional.cross_entropy(logits, labels) + 1 - dice.mean()


net = network()
reduced = not MODE.startswith("fp32")
images = torch.randn(BATCH, 1, EDGE, EDGE, EDGE)
labels = torch.randint(2, (BATCH, EDGE, EDGE, EDGE))
if MODE.endswith("cl") or MODE == "compile":
    net, images = net.to(memory_format=torch.channels_last_3d), images.to(memory_format=torch.channels_last_3d)
optimiser = torch.optim.SGD(net.parameters(), 1e-3, momentum=0.99, nesterov=True, weight_decay=3e-5)
forward = torch.compile(net) if MODE == "compile" else net
seconds = []
for _ in range(STEPS + 1):
    begin = time.perf_counter()
    optimiser.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
        logits = forward(images)
    loss = loss_of(logits.float(), labels)
    loss.backward()
    optimiser.step()
    loss.item()
    seconds.append(round(time.perf_counter() - begin, 4))
print(json.dumps({"seconds": seconds, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
