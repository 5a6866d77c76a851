"""Where the faces are in a picture, and each of them cut out as FER-2013 cuts faces out.

    from emotionlab import faces

    boxes = faces.detect("holiday.jpg")             # list of Box, the largest face first
    small = faces.crop("holiday.jpg", boxes[0])     # (48, 48) uint8, ready for a network of the course

Two detectors of OpenCV: Haar cascades (Viola & Jones 2001), which come with OpenCV, and YuNet (Wu et al.
2023), a small network that also sees turned and small faces and finds the eyes. It comes with this package
and is taken unless you ask for the other.
"""

from emotionlab.base.pictures import decode, grey
from emotionlab.faces.cropping import Framing, crop, crop_all, framing
from emotionlab.faces.detectors import CHOICES, DETECTORS, REGISTRY, Box, Detector, detect, detector
from emotionlab.faces.yunet import download_yunet, yunet_path

__all__ = [
    "CHOICES",
    "DETECTORS",
    "REGISTRY",
    "Box",
    "Detector",
    "Framing",
    "crop",
    "crop_all",
    "decode",
    "detect",
    "detector",
    "download_yunet",
    "framing",
    "grey",
    "yunet_path",
]
