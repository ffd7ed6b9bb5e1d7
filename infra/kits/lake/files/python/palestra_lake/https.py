"""
Copies to and from elements over https, as a protocol of Rucio's own client: `palestra lake` uses it because it tells
how far it is and takes up a download where it stopped; `rucio` uses it where the system's gfal2 is built for another
Python than this one. It stands in the place of `rucio.rse.protocols.gfal`, for the schemes davs and https alone.
"""
import importlib.abc
import importlib.util
import logging
import os
import sys
from typing import Any, Callable, Optional

CHUNK = 1 << 20
SECONDS = (10, 60)  # to connect; between two chunks
SCHEMES = ("davs", "https")
MODULE = "rucio.rse.protocols.gfal"
#: told (name, bytes done, bytes in all) while a copy goes on
Progress = Callable[[str, int, int], None]
progress: Optional[Progress] = None


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives this module's protocol under the name of gfal's, once somebody imports that."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name == MODULE else None

    def exec_module(self, module: Any) -> None:
        module.Default = module.NoRename = create


def stand_in_for_gfal(always: bool = False) -> None:
    """@param always: also where gfal2 can be imported. To be called before Rucio's client imports gfal's protocol."""
    if always or importlib.util.find_spec("gfal2") is None:
        sys.meta_path.insert(0, StandIn())


def create(attributes: dict[str, Any], settings: dict[str, Any], logger: Any = logging.log) -> Any:
    if attributes["scheme"] not in SCHEMES:
        from rucio.common.exception import MissingDependency

        raise MissingDependency(f"{attributes['scheme']}:// needs gfal2, which is not built for this Python")
    return protocol_class()(attributes, settings, logger=logger)


def protocol_class() -> type:
    """Made when first needed: its base takes a third of a second to import."""
    from rucio.common import exception
    from rucio.rse.protocols.protocol import RSEProtocol

    class Https(RSEProtocol):  # type: ignore[misc]
        def connect(self) -> None:
            import requests

            from palestra_lake import settings

            self.session = requests.Session()
            self.authority = settings.authority(settings.settings())

        def close(self) -> None:
            self.session.close()

        def path2pfn(self, path: str) -> str:
            return path if "://" in path else f"{self.attributes['scheme']}://{self.attributes['hostname']}:{self.attributes['port']}{path}"

        def exists(self, path: Optional[str]) -> bool:
            answer = self.ask("HEAD", str(path))
            if answer.status_code == 404:
                return False
            self.require(answer, str(path))
            return True

        def stat(self, path: str) -> dict[str, Any]:
            answer = self.require(self.ask("HEAD", path, headers={"Want-Digest": "adler32"}), path)
            found: dict[str, Any] = {"filesize": int(answer.headers.get("Content-Length", 0))}
            name, _, value = answer.headers.get("Digest", "").partition("=")
            if name.lower() == "adler32":
                found["adler32"] = value.lower().rjust(8, "0")
            return found

        def get(self, path: str, dest: str, transfer_timeout: Optional[int] = None) -> None:
            """Into a file beside `dest` that outlives an interruption; the next try asks for the rest of it."""
            kept = f"{dest}.rest"
            have = os.path.getsize(kept) if os.path.exists(kept) else 0
            headers = {"Range": f"bytes={have}-"} if have else {}
            with self.ask("GET", path, headers=headers, stream=True) as answer:
                if answer.status_code == 416:  # it was whole already, or is another file: the checksum tells
                    os.replace(kept, dest)
                    return
                self.require(answer, path)
                begin = have if answer.status_code == 206 else 0
                whole = begin + int(answer.headers.get("Content-Length", 0))
                self.receive(answer, kept, begin, whole, os.path.basename(path))
            if os.path.getsize(kept) != whole:
                raise exception.ServiceUnavailable(f"{path} broke off after {os.path.getsize(kept)} of {whole} bytes")
            os.replace(kept, dest)

        def receive(self, answer: Any, kept: str, begin: int, whole: int, name: str) -> None:
            done = begin
            with open(kept, "r+b" if begin else "wb") as file:
                file.seek(begin)
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    tell(name, done, whole)

        def put(self, source: str, target: str, source_dir: Optional[str] = None, transfer_timeout: Optional[int] = None) -> None:
            path = os.path.join(source_dir, source) if source_dir else source
            with open(path, "rb") as file:
                whole = os.path.getsize(path)
                body = Told(file, os.path.basename(source), whole) if whole else b""
                self.require(self.ask("PUT", target, data=body, headers={"Content-Length": str(whole)}), target)

        def delete(self, path: str) -> None:
            self.require(self.ask("DELETE", path), path)

        def rename(self, path: str, new_path: str) -> None:
            answer = self.ask("MOVE", path, headers={"Destination": https_url(new_path), "Overwrite": "F"})
            self.require(answer, path)

        def ask(self, method: str, path: str, **options: Any) -> Any:
            import requests

            from palestra_lake import token

            # found anew each time: a copy may take longer than its token lives, and the next one is there in time
            current = token.find().text or self.auth_token
            if current:
                self.session.headers["Authorization"] = f"Bearer {current}"
            try:
                # said each time: a session's own gives way to REQUESTS_CA_BUNDLE
                return self.session.request(method, https_url(path), timeout=SECONDS, verify=self.authority, **options)
            except requests.exceptions.RequestException as error:
                from palestra_lake.elements import cause

                raise exception.ServiceUnavailable(f"{self.attributes['hostname']} does not answer: {cause(error)}") from error

        def require(self, answer: Any, path: str) -> Any:
            if answer.status_code == 404:
                raise exception.SourceNotFound(f"there is no {path}")
            if answer.status_code == 507:
                raise exception.FullStorage(f"{self.attributes['hostname']} is full")
            if not answer.ok:
                raise exception.ServiceUnavailable(f"HTTP {answer.status_code} {answer.reason} at {path}")
            return answer

    return Https


class Told:
    """A file that tells how much of it was read; its length is known, so nothing is sent in pieces of HTTP's own."""

    def __init__(self, file: Any, name: str, whole: int) -> None:
        self.file, self.name, self.whole, self.done = file, name, whole, 0

    def __len__(self) -> int:
        return self.whole - self.done

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self.file.read(CHUNK if size < 0 else max(size, CHUNK))
        self.done += len(chunk)
        tell(self.name, self.done, self.whole)
        return chunk


def tell(name: str, done: int, whole: int) -> None:
    if progress is not None:
        progress(name.removesuffix(".rucio.upload"), done, whole)


def https_url(path: str) -> str:
    return "https" + path.removeprefix("davs") if path.startswith("davs:") else path
