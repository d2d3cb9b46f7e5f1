"""Shapes of a network's weights, from its hyperparameters. Importing this imports no JAX.

A network is convolutions (maybe none), then dense layers. Its weights are listed layer by layer, a
kernel or a matrix and then its biases.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.guide.facts import Picture


class Convolutions(NamedTuple):
    """Convolutions of a square picture, each of which halves its edge and doubles the filters.

    Attributes:
        picture: edge of the pictures, and the pixel of each column.
        layers: number of convolutions.
        filters: filters of the first.
        kernel: edge of a filter, in pixels.
    """

    picture: Picture
    layers: int
    filters: int
    kernel: int

    @property
    def kernels(self) -> tuple[tuple[int, int, int, int], ...]:
        """Shape of each kernel: height, width, channels in, channels out."""
        channels = (1, *(self.filters << k for k in range(self.layers)))
        return tuple((self.kernel, self.kernel, a, b) for a, b in pairwise(channels))

    @property
    def outputs(self) -> int:
        """Number of outputs of the last convolution."""
        side = self.picture.side
        for _ in range(self.layers):
            # Stride 2 with padding rounds up.
            side = -(-side // 2)
        return side * side * (self.filters << (self.layers - 1))


def shapes(
    inputs: int, hidden: tuple[int, ...], outputs: int, convolutions: Convolutions | None = None
) -> tuple[tuple[int, ...], ...]:
    """Shapes of the kernel or matrix and the biases of each layer, in the order of the weights.

    Args:
        inputs: columns.
        hidden: units of each hidden layer.
        outputs: classes, or 1 for a number.
        convolutions: before the first dense layer.

    Returns:
        Two shapes per layer.
    """
    kernels = () if convolutions is None else convolutions.kernels
    sizes = (inputs if convolutions is None else convolutions.outputs, *hidden, outputs)
    layers = (*kernels, *pairwise(sizes))
    return tuple(part for shape in layers for part in (shape, shape[-1:]))
