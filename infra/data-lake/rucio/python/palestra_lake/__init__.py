"""What this lake adds to Rucio: a policy, a WSGI wrapper, a metadata plugin and the daemons in one process."""

from sqlalchemy.dialects import plugins

# PEP 440 specifiers: '38' alone stops the server at its start
SUPPORTED_VERSION = [">=41,<42"]

# named in the database's address; every program of ours is in this package, so it is known before the first engine
plugins.register("palestra", "palestra_lake.engine", "PalestraEngine")
