"""Runs in every kernel of the course's notebooks: whoever asks another machine is refused, and written down."""


def _watch():
    import os
    import socket

    connect, look_up = socket.socket.connect, socket.getaddrinfo
    here = ("127.", "localhost", "::1", "0.0.0.0")

    def check(host) -> None:
        if not str(host or "localhost").startswith(here):
            with open(os.environ["NETWORK_RECORD"], "a", encoding="utf-8") as record:
                record.write(f"{host}\n")
            raise OSError(f"no network here, and {host} was asked for")

    def connect_here(self, address):
        if isinstance(address, tuple):
            check(address[0])
        return connect(self, address)

    def look_up_here(host, *arguments, **options):
        check(host)
        return look_up(host, *arguments, **options)

    socket.socket.connect, socket.getaddrinfo = connect_here, look_up_here


_watch()
del _watch
