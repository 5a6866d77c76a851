"""Gradio, imported with its questions to outside machines switched off.

    from emotionlab.live.quiet_gradio import gr

is the same Gradio as `import gradio as gr`. It counts no use, looks for no newer version and asks nobody for
this computer's address.
"""

import os

# read by Gradio when it is imported and again whenever it would ask
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

__all__ = ["gr"]
