"""OpenCV, imported without the warnings that it prints past Python, straight to the terminal.

    from emotionlab.base.opencv import cv2

is the same OpenCV as `import cv2`. Its real errors are exceptions and are shown as ever.
"""

import os

# read by OpenCV once, when it is imported; a choice of the user's own stays
os.environ.setdefault("OPENCV_LOG_LEVEL", "FATAL")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # silent; AV_LOG_QUIET in FFmpeg's log.h

import cv2

__all__ = ["cv2"]
