"""Question 6.1: output size and receptive field of a stack of convolutions.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import math

import numpy as np

from emotionlab.exercises.compare import call_each
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "6.1",
    hints=(
        "Two numbers, two rules. The size knows only strides. The field grows with each kernel, by more and more: by "
        "how much depends on the strides *before*.",
        "Keep a third number, the step: how many input pixels lie between two neighbours. It starts at 1 and is "
        "multiplied by each stride. A kernel adds (kernel - 1) * step.",
        "In a loop: `size = -(-size // stride)`, then `field += (kernel - 1) * step`, then `step *= stride`. "
        "Start with `field, step = 1, 1`.",
    ),
    passed="Right. Strides cost resolution and buy sight: that is the trade that every backbone makes.",
)


@QUESTION.inputs
def stacks(seed):
    """(size, layers): the beginning of a ResNet, two stacks whose sizes are odd, and a random one."""
    rng = np.random.default_rng(seed)
    drawn = [(int(rng.choice([3, 5])), int(stride)) for stride in (1, 2, 1, 3, 2)]
    return [
        (96, [(7, 2), (3, 2), (1, 1), (3, 1), (3, 2)]),
        (45, [(3, 2), (3, 2), (5, 2), (3, 1)]),
        (49, [(3, 2), (5, 2), (3, 3), (3, 1)]),  # halves that Python's `round` takes down
        (int(rng.integers(50, 90)) * 2 + 1, drawn),
    ]


@QUESTION.observe
def observe(trace, cases):
    """What it returns for each stack; an answer may use up the list that it is given."""
    return call_each(trace, cases) | {"changed_input": False}


def side_of(size, layers):
    for _, stride in layers:
        size = math.ceil(size / stride)
    return size


def field_of(layers, field=1):
    step = 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


@style
def ceil(size, layers):
    return side_of(size, layers), field_of(layers)


@style
def numpy(size, layers):
    kernels, strides = np.array(layers).T
    steps = np.concatenate([[1], np.cumprod(strides)[:-1]])
    for stride in strides:
        size = -(-size // int(stride))
    return int(size), int(1 + ((kernels - 1) * steps).sum())


@style
def backwards(size, layers):
    field = 1
    for kernel, stride in reversed(layers):
        field = (field - 1) * stride + kernel
    for _, stride in layers:
        size = (size - 1) // stride + 1
    return size, field


@style
def uses_up_the_list(size, layers):
    field, step = 1, 1
    while layers:
        kernel, stride = layers.pop(0)
        size = math.ceil(size / stride)
        field += (kernel - 1) * step
        step *= stride
    return size, field


@mistake(
    "An odd size was rounded down. With padding `same`, half of 45 is 23: a window starts on every second pixel, and "
    "the last one counts too. Round up: `-(-size // stride)`."
)
def rounded_down(size, layers):
    for _, stride in layers:
        size = size // stride
    return size, field_of(layers)


@mistake(
    "The output shrinks with every kernel, as with padding `valid`. Expected `same`: only the stride makes it smaller."
)
def valid_padding(size, layers):
    for kernel, stride in layers:
        size = (size - kernel) // stride + 1
    return size, field_of(layers)


@mistake(
    "The receptive field grows by kernel - 1 in every layer, as if no layer had a stride. After a stride of 2, "
    "neighbours lie 2 input pixels apart, so the next kernel reaches twice as far."
)
def strides_ignored_in_the_field(size, layers):
    return side_of(size, layers), 1 + sum(kernel - 1 for kernel, _ in layers)


@mistake(
    "Each kernel was multiplied by the stride of its own layer. What counts is the product of all strides before it: "
    "start with a step of 1, and multiply it by the stride after the field has grown."
)
def only_own_stride(size, layers):
    return side_of(size, layers), 1 + sum((kernel - 1) * stride for kernel, stride in layers)


@mistake(
    "The stride of a layer was counted in its own kernel. It moves the values that this layer puts out, so only the "
    "layers after it reach further: multiply the step after the field has grown."
)
def own_stride_counted(size, layers):
    field, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        field += (kernel - 1) * step
    return side_of(size, layers), field


@mistake("The receptive field is one too small: before the first layer a value sees 1 pixel, itself, not 0.")
def starts_at_nothing(size, layers):
    return side_of(size, layers), field_of(layers, field=0)


@mistake("The receptive field grows too fast. The middle of the kernel was there already: a kernel of 3 adds 2.")
def whole_kernel_added(size, layers):
    return side_of(size, layers), field_of([(kernel + 1, stride) for kernel, stride in layers])


@mistake("The two numbers are exchanged. Expected the output size first, then the receptive field.")
def exchanged(size, layers):
    return field_of(layers), side_of(size, layers)


@mistake("Kernel and stride are exchanged: each pair is (kernel, stride), the kernel first.")
def pair_exchanged(size, layers):
    turned = [(stride, kernel) for kernel, stride in layers]
    return side_of(size, turned), field_of(turned)


@mistake(id="wrong_type", says="a tuple of length 2")
def one_number(size, layers):
    return field_of(layers)


@mistake(says="whole numbers")
def wrong_dtype(size, layers):
    for _, stride in layers:
        size = size / stride
    return size, field_of(layers)


@mistake(
    "`round` takes a half to the even number, 12.5 to 12, and a third down. Expected always up: "
    "`math.ceil(size / stride)`."
)
def rounded_to_even(size, layers):
    for _, stride in layers:
        size = round(size / stride)
    return size, field_of(layers)
