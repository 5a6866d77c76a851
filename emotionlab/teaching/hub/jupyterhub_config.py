"""JupyterHub for a class on one server. `emotionlab hub` starts it, as `jupyterhub -f THIS_FILE` would.

To change more than `emotionlab hub --help` offers, copy this file and start the copy that way.
"""

import sys
from pathlib import Path

from emotionlab.course.jupyter import START_PAGE
from emotionlab.teaching.hub.choices import chosen, learners_environment

c = get_config()  # noqa: F821  JupyterHub gives it
ours = chosen()

# It listens on this machine alone. For a class, a web server with a certificate stands before it.
c.JupyterHub.bind_url = f"http://127.0.0.1:{ours.port}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = ours.hub_port
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ours.proxy_port}"
c.JupyterHub.log_level = "WARN"
c.ConfigurableHTTPProxy.log_level = "warn"

# The database and the secret of its cookies: for the one who runs the hub.
c.JupyterHub.db_url = f"sqlite:///{Path(ours.folder, 'hub.sqlite')}"
c.JupyterHub.cookie_secret_file = str(Path(ours.folder, "cookie_secret"))
c.ConfigurableHTTPProxy.pid_file = str(Path(ours.folder, "proxy.pid"))

if ours.alone:
    # To try it alone. Every "learner" is you: SimpleLocalProcessSpawner isolates nobody from anybody.
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = ours.alone
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(Path(ours.folder, "homes", "{username}"))
else:
    # A learner is a user of this system: name and password as for a login, the server runs as that user.
    # Login from a learning platform instead: jupyterhub-ltiauthenticator, see values.yaml for what it is told.
    c.JupyterHub.authenticator_class = "pam"
    c.PAMAuthenticator.allowed_groups = {ours.group}
    c.JupyterHub.spawner_class = "localprocess"

# The learner's server lays the course into the learner's home, then becomes JupyterLab. See learner.py.
c.Spawner.cmd = [sys.executable, "-m", "emotionlab.teaching.hub.learner"]
c.Spawner.default_url = START_PAGE
c.Spawner.ip = "127.0.0.1"
c.Spawner.environment = learners_environment()
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # thirty who start at once share the disk
c.JupyterHub.concurrent_spawn_limit = 40
c.JupyterHub.init_spawners_timeout = 60

# A server that nobody has used for a while stops; the files stay.
c.JupyterHub.last_activity_interval = min(300, ours.idle * 15)
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            f"--timeout={ours.idle * 60}",
            f"--cull-every={min(300, ours.idle * 15)}",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
