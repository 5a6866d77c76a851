"""The course's own networks as ONNX, written from a run's files without Keras and without the onnx package.

An ONNX file is a Protocol Buffers message (https://protobuf.dev/programming-guides/encoding), and what a
small network needs of it fits on one screen. Field numbers are those of the ONNX project's `onnx.proto`.
Batch normalisation keeps a node of its own: a runtime folds it into the convolution before it.
"""

import json
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.eight_bits import unpack
from emotionlab.base.errors import RunError
from emotionlab.base.files import write_whole
from emotionlab.base.outputs import keep_apart
from emotionlab.runs import FILES, Run, read_arrays
from emotionlab.runs.heads import is_head

IR_VERSION, OPSET = 8, 13
"""The version of the file format, and of the operators; what OpenCV 4.12 and every current runtime read."""

_FLOAT, _INTEGER, _TEXT, _INTEGERS = 1, 2, 3, 7  # AttributeProto.AttributeType


class NotInOnnx(RunError):
    """The network has a layer that this short writer does not know."""


def to_onnx(run: Run) -> bytes:
    """The network of `run` with its weights: "pictures" (N, 1, 48, 48) float32 0..255 in, "logits" (N, 7) out.

    It knows the layers of `scratch_cnn` and `small_cnn`. Raises NotInOnnx for any other layer, and
    RunError where the run has no weights.
    """
    arrays = read_arrays(run.folder / "weights.npz")
    if is_head(arrays):
        raise NotInOnnx(f"Expected the weights of a small network in {run.folder}, found the head of a large one.")
    graph = _Graph(unpack(arrays))
    path = run.folder / "architecture.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))["config"]
        for layer in config["layers"]:
            graph.add_layer(layer)
        graph.call_output(config["output_layers"][0])
    except (OSError, LookupError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        if isinstance(problem, RunError):
            raise
        raise NotInOnnx(
            f"Expected a network as Keras writes it in {path}, found something else: {problem!r}."
        ) from None
    if graph.unused:
        raise NotInOnnx(f"Expected weights for the layers in {path}, found {graph.unused} arrays more.")
    return graph.model()


def write_onnx(run: Run, path: str | Path) -> Path:
    """Write `to_onnx(run)` to a file and return its path."""
    path = file_path("path", path, RunError)
    keep_apart({"the ONNX file": path}, {f"{name} of the run": run.folder / name for name in FILES})
    content = to_onnx(run)
    try:
        write_whole(path, content)
    except OSError as problem:
        raise RunError(
            f"Expected to write {path}, found: {problem.strerror or problem}; choose another place."
        ) from None
    return path


class _Graph:
    """Collects nodes and weights, one Keras layer after the other."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self._weights = iter([weights[key] for key in sorted(weights)])
        self.unused = len(weights)
        self.nodes: list[bytes] = []
        self.tensors: list[bytes] = []

    def add_layer(self, layer: dict) -> None:
        """Add the node of one layer of a functional model; its output is called as the layer is."""
        kind, name, config = layer["class_name"], layer["name"], layer["config"]
        inputs = _inputs(layer)
        write = getattr(self, f"_{kind.lower()}", None)
        # an operation such as x + y is called as the layer is, and keeps its inputs elsewhere
        if write is None or layer.get("module", "keras.layers") != "keras.layers":
            raise NotInOnnx(f"Expected a layer of the course's own networks, found {kind} ({name}).")
        activation = config.get("activation", "linear")
        if activation not in ("linear", "relu"):
            raise NotInOnnx(f"Expected the activation relu or none, found {activation!r} in {name}.")
        if kind == "Activation" or activation == "linear":
            write(name, config, inputs)
        else:
            write(f"{name}_before", config, inputs)
            self._node("Relu", [f"{name}_before"], name)

    def call_output(self, layer: str) -> None:
        """Make the output of this layer that of the whole network."""
        if layer != "logits":
            self._node("Identity", [layer], "logits")

    def _inputlayer(self, name, config, inputs):
        shape = list(config["batch_shape"])
        if shape[1:] not in ([48, 48, 1], [None, None, 1]):
            raise NotInOnnx(f"Expected a network that takes pictures of 48 x 48 pixels, found the input {shape[1:]}.")
        if name != "pictures":
            self._node("Identity", ["pictures"], name)

    def _rescaling(self, name, config, inputs):
        scale = self._tensor(f"{name}_scale", np.float32([config["scale"]]))
        offset = self._tensor(f"{name}_offset", np.float32([config["offset"]]))
        self._node("Mul", [*inputs, scale], f"{name}_scaled")
        self._node("Add", [f"{name}_scaled", offset], name)

    def _conv2d(self, name, config, inputs):
        if config["groups"] != 1 or config["data_format"] != "channels_last":
            raise NotInOnnx(f"Expected a plain convolution, found groups or channels first in {name}.")
        kernel = self._next()
        if list(kernel.shape[:2]) != config["kernel_size"] or kernel.shape[3] != config["filters"]:
            raise NotInOnnx(f"Expected a kernel as {name} describes it, found one of shape {kernel.shape}.")
        kernel = kernel.transpose(3, 2, 0, 1)  # Keras: rows, columns, in, out. ONNX: out, in, rows, columns
        names = [*inputs, self._tensor(f"{name}_kernel", kernel)]
        if config["use_bias"]:
            names.append(self._tensor(f"{name}_bias", self._next()))
        self._node(
            "Conv",
            names,
            name,
            kernel_shape=config["kernel_size"],
            strides=config["strides"],
            dilations=config["dilation_rate"],
            auto_pad="SAME_UPPER" if config["padding"] == "same" else "VALID",
        )

    def _batchnormalization(self, name, config, inputs):
        if not (config["scale"] and config["center"]):
            raise NotInOnnx(f"Expected batch normalisation with scale and centre, found it without in {name}.")
        parts = ("gamma", "beta", "mean", "variance")
        names = [*inputs, *(self._tensor(f"{name}_{part}", self._next()) for part in parts)]
        self._node("BatchNormalization", names, name, epsilon=float(config["epsilon"]))

    def _activation(self, name, config, inputs):
        self._node("Relu" if config["activation"] == "relu" else "Identity", inputs, name)

    def _maxpooling2d(self, name, config, inputs):
        if config["padding"] != "valid":
            raise NotInOnnx(f"Expected pooling without padding, found {config['padding']!r} in {name}.")
        self._node("MaxPool", inputs, name, kernel_shape=config["pool_size"], strides=config["strides"])

    def _add(self, name, config, inputs):
        self._node("Add", inputs, name)

    def _globalaveragepooling2d(self, name, config, inputs):
        if config["keepdims"]:
            raise NotInOnnx(f"Expected global pooling to a flat vector, found keepdims in {name}.")
        self._node("GlobalAveragePool", inputs, f"{name}_maps")
        self._node("Flatten", [f"{name}_maps"], name, axis=1)

    def _dropout(self, name, config, inputs):
        self._node("Identity", inputs, name)  # dropout only acts while training

    def _dense(self, name, config, inputs):
        kernel = self._tensor(f"{name}_kernel", self._next())
        bias = self._next() if config["use_bias"] else np.zeros(config["units"])
        self._node("Gemm", [*inputs, kernel, self._tensor(f"{name}_bias", bias)], name)

    def _next(self) -> np.ndarray:
        self.unused -= 1
        try:
            return next(self._weights)
        except StopIteration:
            raise NotInOnnx("Expected weights for every layer, found too few arrays in weights.npz.") from None

    def _tensor(self, name: str, values: np.ndarray) -> str:
        values = np.ascontiguousarray(values, "<f4")
        dims = b"".join(_number(1, size) for size in values.shape)
        self.tensors.append(dims + _number(2, _FLOAT) + _text(8, name) + _bytes(9, values.tobytes()))
        return name

    def _node(self, operator: str, inputs: list[str], output: str, **attributes) -> None:
        names = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(3, output)
        fields = b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self.nodes.append(names + _text(4, operator) + fields)

    def model(self) -> bytes:
        """The whole file."""
        graph = b"".join(_bytes(1, node) for node in self.nodes) + _text(2, "emotionlab")
        graph += b"".join(_bytes(5, tensor) for tensor in self.tensors)
        graph += _bytes(11, _array("pictures", ("N", 1, 48, 48))) + _bytes(12, _array("logits", ("N", 7)))
        opset = _text(1, "") + _number(2, OPSET)
        return _number(1, IR_VERSION) + _text(2, "emotionlab") + _bytes(8, opset) + _bytes(7, graph)


def _inputs(layer: dict) -> list[str]:
    """Names of the layers that feed this one."""
    if not layer["inbound_nodes"]:
        return []
    (node,) = layer["inbound_nodes"]
    tensors = node["args"][0]
    tensors = tensors if isinstance(tensors, list) else [tensors]
    return [tensor["config"]["keras_history"][0] for tensor in tensors]


# ------------------------------------------------------------------------- Protocol Buffers, as far as needed


def _varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first; the eighth bit says that more follow."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _bytes(field, content.encode())


def _attribute(name: str, value) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _varint(2 << 3 | 5) + np.float32(value).astype("<f4").tobytes() + _number(20, _FLOAT)
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, _TEXT)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INTEGER)
    return _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, _INTEGERS)


def _array(name: str, shape: tuple) -> bytes:
    """A ValueInfoProto: an array of float32 whose sizes are numbers, or a name where they are free."""
    dims = b"".join(_bytes(1, _text(2, n) if isinstance(n, str) else _number(1, n)) for n in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, dims)))
