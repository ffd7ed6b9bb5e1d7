"""The client's settings, from the file that Rucio's own client reads, without importing it."""
import configparser
import os
from typing import Mapping, Optional

from palestra_lake.refused import Wanted


def config_file(environ: Mapping[str, str] = os.environ) -> Optional[str]:
    """The client's own order; None where there is none."""
    if environ.get("RUCIO_CONFIG"):
        return environ["RUCIO_CONFIG"]
    folders = [environ[name] for name in ("RUCIO_HOME", "VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name)]
    files = [os.path.join(folder, "etc", "rucio.cfg") for folder in [*folders, "/opt/rucio"]]
    return next((file for file in files if os.path.exists(file)), None)


def settings(environ: Mapping[str, str] = os.environ) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    file = config_file(environ)
    if file is not None:
        parser.read(file)
    return parser


def wanted(parser: configparser.ConfigParser, environ: Mapping[str, str] = os.environ) -> Wanted:
    def get(name: str, otherwise: str) -> str:
        return parser.get("palestra", name, fallback=otherwise)

    scopes = tuple(get("scope", "openid profile").split())
    return Wanted(get("issuer", ""), get("audience", "rucio"), scopes, get("base_path", "/rucio"), renewed="PALESTRA_COMMANDS" in environ)


def authority(parser: configparser.ConfigParser, environ: Mapping[str, str] = os.environ) -> "str | bool":
    """What server certificates are verified with: the client's own order, a variable in it filled in."""
    for value in (environ.get("X509_CERT_DIR"), parser.get("client", "ca_cert", fallback=""), environ.get("SSL_CERT_FILE")):
        path = os.path.expanduser(os.path.expandvars(value or ""))
        if path and os.path.exists(path):
            return path
    return True
