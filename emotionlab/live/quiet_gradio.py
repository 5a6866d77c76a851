"""Gradio, imported with its questions to outside machines switched off.

    from emotionlab.live.quiet_gradio import gr

is the same Gradio as `import gradio as gr`. It counts no use, looks for no newer version and asks nobody for
this computer's address. Uploads lie in a folder of this process alone, which goes when it ends.
"""

import atexit
import os
import shutil
import tempfile

if "GRADIO_TEMP_DIR" not in os.environ:  # by itself Gradio shares one among all users of a computer, and keeps it
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="emotionlab-app-")
    atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)

# read by Gradio when it is imported and again whenever it would ask
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

__all__ = ["gr"]
