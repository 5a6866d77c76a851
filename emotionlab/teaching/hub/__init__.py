"""A server for a class: JupyterHub with the course laid out for everybody who logs in. `emotionlab hub` starts it."""
