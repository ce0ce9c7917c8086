"""Networks with the module names of torchvision 0.2x, small inputs, random weights: what published state dicts look like."""
import torch
from torch import nn


def flat(*layers):
    return nn.Sequential(*layers)


class Classifying(nn.Module):
    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class AlexNet(Classifying):
    def __init__(self, classes, places):
        super().__init__()
        self.features = flat(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(),
            nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = flat(nn.Dropout(), nn.Linear(256 * places, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, classes))


class Vgg16(Classifying):
    def __init__(self, classes, places):
        super().__init__()
        layers, maps = [], 3
        for block, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                layers += [nn.Conv2d(maps, block, 3, 1, 1), nn.ReLU()]
                maps = block
            layers.append(nn.MaxPool2d(2, 2))
        self.features = flat(*layers)
        self.classifier = flat(nn.Linear(512 * places, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, classes))


class Block(nn.Module):
    """BasicBlock (deep False) or Bottleneck of ResNet v1.5."""

    def __init__(self, before, maps, stride, deep):
        super().__init__()
        after = maps * 4 if deep else maps
        kernels = ((1, 1, maps), (3, stride, maps), (1, 1, after)) if deep else ((3, stride, maps), (3, 1, maps))
        given = before
        for i, (kernel, step, out) in enumerate(kernels, 1):
            setattr(self, f"conv{i}", nn.Conv2d(given, out, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(out))
            given = out
        self.count = len(kernels)
        if stride != 1 or before != after:
            self.downsample = flat(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = y.relu() if i < self.count else y
        return (y + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class ResNet(nn.Module):
    def __init__(self, classes, blocks, deep):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        before = 64
        for stage, count in enumerate(blocks, 1):
            maps, parts = 32 * 2**stage, []
            for block in range(count):
                parts.append(Block(before, maps, 2 if stage > 1 and block == 0 else 1, deep))
                before = maps * 4 if deep else maps
            setattr(self, f"layer{stage}", flat(*parts))
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class Unit(nn.Module):
    def __init__(self, before, maps, kernel, stride=1, padding=0):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(before, maps, kernel, stride, padding, bias=False), nn.BatchNorm2d(maps, eps=0.001)

    def forward(self, x):
        return self.bn(self.conv(x)).relu()


class Inception(nn.Module):
    def __init__(self, before, one, reduce3, three, reduce5, five, project):
        super().__init__()
        self.branch1 = Unit(before, one, 1)
        self.branch2 = flat(Unit(before, reduce3, 1), Unit(reduce3, three, 3, 1, 1))
        self.branch3 = flat(Unit(before, reduce5, 1), Unit(reduce5, five, 3, 1, 1))
        self.branch4 = flat(nn.MaxPool2d(3, 1, 1, ceil_mode=True), Unit(before, project, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Unit(3, 64, 7, 2, 3), Unit(64, 64, 1), Unit(64, 192, 3, 1, 1)
        rows = {
            "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64), "4a": (480, 192, 96, 208, 16, 48, 64),
            "4b": (512, 160, 112, 224, 24, 64, 64), "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
            "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128), "5b": (832, 384, 192, 384, 48, 128, 128),
        }  # fmt: skip
        for name, row in rows.items():
            setattr(self, "inception" + name, Inception(*row))
        self.fc = nn.Linear(1024, classes)

    def forward(self, x):
        pool = nn.functional.max_pool2d
        x = pool(self.conv3(self.conv2(pool(self.conv1(x), 3, 2, ceil_mode=True))), 3, 2, ceil_mode=True)
        x = pool(self.inception3b(self.inception3a(x)), 3, 2, ceil_mode=True)
        for name in "abcde":
            x = getattr(self, "inception4" + name)(x)
        x = self.inception5b(self.inception5a(pool(x, 2, 2, ceil_mode=True)))
        return self.fc(x.mean((2, 3)))


# name of the network: (maker, edge of the input)
NETWORKS = {
    "alexnet-one-tower": (lambda classes: AlexNet(classes, 4), 95),
    "vgg16": (lambda classes: Vgg16(classes, 1), 32),
    "resnet18": (lambda classes: ResNet(classes, (2, 2, 2, 2), False), 64),
    "resnet50": (lambda classes: ResNet(classes, (3, 4, 6, 3), True), 64),
    "googlenet-bn": (GoogLeNet, 64),
}
