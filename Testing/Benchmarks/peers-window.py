"""peers-window.py PEER X Y Z WINDOW OVERLAP THREADS: a sliding window over a random volume, as segment-volume does it.

PEER is NETWORK-MODE: monai (DynUNet) or nnunet (PlainConvUNet); fp32, bf16, bf16cl. MONAI's sliding_window_inference with
Gaussian weights, batches of one window. Prints JSON {seconds, rss}; the start of Python and imports are not counted.
"""
import json
import resource
import sys
import time

import torch
from monai.inferers import sliding_window_inference

PEER = sys.argv[1]
X, Y, Z, WINDOW = map(int, sys.argv[2:6])
OVERLAP, THREADS = float(sys.argv[6]), int(sys.argv[7])
NETWORK, MODE = PEER.rsplit("-", 1)
FILTERS = [32, 64, 128, 256, 320, 320]
torch.set_num_threads(THREADS)
torch.manual_seed(1)
if NETWORK == "monai":
    from monai.networks.nets import DynUNet

    net = DynUNet(3, 1, 2, [3] * 6, [1, 2, 2, 2, 2, 2], [2] * 5, filters=FILTERS)
else:
    from dynamic_network_architectures.architectures.unet import PlainConvUNet
    from torch import nn

    net = PlainConvUNet(1, 6, FILTERS, nn.Conv3d, 3, [1, 2, 2, 2, 2, 2], 2, 2, 2, conv_bias=True, norm_op=nn.InstanceNorm3d,
                        norm_op_kwargs={"affine": True}, nonlin=nn.LeakyReLU, nonlin_kwargs={"inplace": True})
net.eval()
volume = torch.randn(1, 1, Z, Y, X)
if MODE.endswith("cl"):
    net, volume = net.to(memory_format=torch.channels_last_3d), volume.to(memory_format=torch.channels_last_3d)
begin = time.perf_counter()
with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=MODE.startswith("bf16")):
    logits = sliding_window_inference(volume, (WINDOW,) * 3, 1, net, OVERLAP, mode="gaussian")
labels = logits.argmax(1).to(torch.uint8)
print(json.dumps({"seconds": round(time.perf_counter() - begin, 2), "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
