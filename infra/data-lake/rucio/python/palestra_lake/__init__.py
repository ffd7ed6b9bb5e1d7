"""What this lake adds to Rucio: a policy, a WSGI wrapper, a metadata plugin and the daemons in one process."""

# PEP 440 specifiers: '38' alone stops the server at its start
SUPPORTED_VERSION = [">=41,<42"]
