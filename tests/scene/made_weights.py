"""Files with random weights in the layouts of published ones: keras.applications' HDF5, torchvision's state dict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def application_file(name: str, path: Path) -> Any:
    """keras.applications' "notop" file (one HDF5 group a layer, in order); the model that it was taken from."""
    import h5py
    import keras

    keras.utils.set_random_seed(0)
    makers = {"resnet50": "ResNet50", "efficientnetv2-b0": "EfficientNetV2B0", "vgg16": "VGG16"}
    more = {"include_preprocessing": False} if name.startswith("efficientnetv2") else {}
    source = getattr(keras.applications, makers[name])(include_top=False, weights=None, **more)
    rng = np.random.default_rng(0)
    for layer in source.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()])
    with h5py.File(path, "w") as stream:
        stream.attrs["layer_names"] = [layer.name.encode() for layer in source.layers]
        for layer in source.layers:
            group = stream.create_group(layer.name)
            names = [f"{layer.name}/{index}:0" for index in range(len(layer.weights))]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for entry, value in zip(names, layer.get_weights(), strict=True):
                group.create_dataset(entry, data=value)
    return source


def torch_resnet18() -> Any:
    """torchvision's ResNet-18 without its last layer, as its state dict names it; random weights, in eval mode."""
    import torch
    from torch import nn

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, entry: int, filters: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(entry, filters, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(filters)
            self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(filters)
            skip = nn.Sequential(nn.Conv2d(entry, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))
            self.downsample = skip if stride > 1 else None

        def forward(self, x: Any) -> Any:
            inner = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(inner + (self.downsample(x) if self.downsample is not None else x))

    class Net(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
            self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
            self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
            self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))
            self.fc = nn.Linear(512, 1000)

        def forward(self, x: Any) -> list[Any]:
            x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
            maps = []
            for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
                x = stage(x)
                maps.append(x)
            return maps[:0:-1]

    torch.manual_seed(0)
    net = Net().eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                tensor.uniform_(0.5, 1.5)
    return net
