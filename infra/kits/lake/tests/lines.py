"""What the real client 41.5.1 really wrote, and whether it had failed: its own exit status was 0 in every case."""
import logging

from palestra_lake.verdict import Line

LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


def lines(text: str) -> list[Line]:
    """Each line `LEVEL words`; a line without a level goes on with the one above."""
    found: list[Line] = []
    for line in text.strip().splitlines():
        level, _, words = line.strip().partition(" ")
        if level in LEVELS:
            found.append(Line(LEVELS[level], words.strip()))
        else:
            found[-1] = Line(found[-1].level, f"{found[-1].text}\n{line.strip()}")
    return found


UPLOADED = """
INFO Preparing upload for file run42.root
INFO Successfully added replica in Rucio catalogue at CNAF_USERDISK
INFO Successfully added replication rule at CNAF_USERDISK
INFO Trying upload with davs to CNAF_USERDISK
INFO Successful upload of temporary file. davs://cnaf.palestra.test:31451/rucio/user/ada/77/b6/run42.root.rucio.upload
INFO Successfully uploaded file run42.root
"""
DOWNLOADED_AT_THE_SECOND_ELEMENT = """
INFO Processing 1 item(s) for input
INFO Preparing download of user.ada:run42.root
INFO Trying to download with davs and timeout of 64s from NAPOLI_USERDISK: user.ada:run42.root
INFO Using PFN: davs://napoli.palestra.test:31452/rucio/user/ada/77/b6/run42.root
WARNING Download attempt failed. Try 1/2
WARNING Download attempt failed. Try 2/2
INFO Using PFN: davs://cnaf.palestra.test:31451/rucio/user/ada/77/b6/run42.root
INFO File user.ada:run42.root successfully downloaded. 2.000 MB in 0.34 seconds = 5.88 MBps
"""
CONNECTED_AT_THE_SECOND_TRY = """
ERROR ConnectionError: HTTPSConnectionPool(host='rucio.palestra.test', port=31447): Max retries exceeded with url: /rules/67
"""
ERASED = """
INFO CAUTION! erase operation is irreversible after 24 hours. To cancel this operation you can run the following command:
"""
SUCCESSES = {
    "an upload": UPLOADED,
    "a download from the second element": DOWNLOADED_AT_THE_SECOND_ELEMENT,
    "a connection at the second try": CONNECTED_AT_THE_SECOND_TRY,
    "a removal": ERASED,
    "nothing at all": "INFO Completed",
}

FAILURES = {
    "bad token": """
ERROR Cannot authenticate.
Details: OIDC authentication failed for account=ada
""",
    "quota": """
INFO Preparing upload for file big.dat
INFO Successfully added replica in Rucio catalogue at CNAF_USERDISK
ERROR There is not enough quota left to fulfil the operation.
Details: There is insufficient quota on any of the target RSE's to fulfill the operation.
""",
    "element down, upload": """
INFO Successfully added replication rule at NAPOLI_USERDISK
ERROR The requested service is not available at the moment.
Details: An unknown exception occurred.
Details: Result Could not connect to server after 1 attempts
""",
    "element down, download": """
INFO Using PFN: davs://napoli.palestra.test:31452/rucio/user/ada/77/b6/run42.root
WARNING Download attempt failed. Try 1/2
WARNING Download attempt failed. Try 2/2
ERROR Failed to download file user.ada:run42.root
ERROR None of the requested files have been downloaded.
""",
    "checksum": """
INFO Using PFN: davs://cnaf.palestra.test:31451/rucio/user/ada/a5/92/c.dat
WARNING Checksum validation failed for file: user.ada:c.dat
WARNING Download attempt failed. Try 2/2
ERROR Failed to download file user.ada:c.dat
ERROR None of the requested files have been downloaded.
""",
    "there already": """
INFO File DID already exists
INFO File already exists on RSE. Skipping upload
ERROR None of the given files have been uploaded.
""",
    "token not for the element": """
INFO Successfully added replication rule at CNAF_USERDISK
ERROR The requested service is not available at the moment.
Details: An unknown exception occurred.
Details: HTTP 403 : Permission refused
""",
    "token to read alone": """
INFO Trying upload with davs to CNAF_USERDISK
WARNING Upload attempt failed
INFO Exception: RSE does not support requested operation.
Details: DESTINATION MAKE_PARENT HTTP 403 : Permission refused
ERROR Failed to upload file b.dat
ERROR None of the given files have been uploaded.
""",
    "denied": """
WARNING Scope user.ada not found for the account bob.
ERROR Access to the requested resource denied.
Details: Account bob can not add file replicas on CNAF_USERDISK.
""",
    "missing name": """
ERROR DID does not exist: user.ada:doesnotexist
WARNING No available source found for file: user.ada:doesnotexist
ERROR None of the requested files have been downloaded.
""",
    "removal refused": "WARNING Failed to erase DID: user.ada:run42.root",
    "server down": """
ERROR ConnectionError: HTTPSConnectionPool(host='rucio.palestra.test', port=31447): Max retries exceeded
ERROR Cannot connect to the Rucio server.
""",
    "no such file": """
WARNING No such file or directory: nofile.dat
ERROR There is an error with one of the input parameters.
Details: No valid input files given
""",
}
