"""One cell in its notebook's kernel, through the Jupyter server's own socket: what it says, bounded, as it comes."""

import asyncio
import json
import time
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

# of one cell, characters: what is longer nobody reads, and the page and every save would carry it
MOST_TEXT = 200_000
MOST_BYTES = 4_000_000
FLUSH_EVERY = 0.5
LARGEST_MESSAGE = 64 * 1024 * 1024
ENDED = "The kernel ended while this cell ran, most often because it wanted more memory than the sandbox has. A new one was started, without its variables: run the cells again from the first."


class Outputs:
    """A cell's outputs as nbformat has them."""

    def __init__(self):
        self.list = []
        self.count = None
        self.text = 0
        self.bytes = 0
        self.clear_next = False

    def take(self, message):
        """@returns whether anything changed"""
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_input":
            self.count = content["execution_count"]
        elif kind == "clear_output":
            self.clear_next = True
            if not content.get("wait"):
                self.clear()
        elif kind == "stream":
            self.clear_due()
            self.stream(content["name"], content["text"])
        elif kind in {"display_data", "execute_result", "error"}:
            self.clear_due()
            self.add(kind, content)
        elif kind == "update_display_data":
            self.update(content)
        else:
            return False
        return True

    def clear(self):
        self.list, self.text, self.bytes, self.clear_next = [], 0, 0, False

    def clear_due(self):
        if self.clear_next:
            self.clear()

    def stream(self, name, text):
        room = MOST_TEXT - self.text
        self.text += len(text)
        if room <= 0:
            return
        cut = text[:room] + (f"\n… more than {MOST_TEXT} characters: the rest is left out" if len(text) > room else "")
        last = self.list[-1] if self.list else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += cut
        else:
            self.list.append({"output_type": "stream", "name": name, "text": cut})

    def add(self, kind, content):
        output = {"output_type": kind}
        if kind == "error":
            output.update(ename=content["ename"], evalue=content["evalue"][:20_000])
            output["traceback"] = [line[:20_000] for line in content["traceback"][:100]]
        else:
            # which update belongs to it: not for the file
            output["_display"] = content.get("transient", {}).get("display_id")
            output.update(data=self.bounded(content["data"]), metadata=content.get("metadata", {}))
        if kind == "execute_result":
            output["execution_count"] = content["execution_count"]
        self.list.append(output)

    def update(self, content):
        wanted = content.get("transient", {}).get("display_id")
        for output in self.list:
            if wanted is not None and output.get("_display") == wanted:
                output["data"] = self.bounded(content["data"])

    def bounded(self, all_kinds):
        data = {}
        for mime, value in all_kinds.items():
            size = len(value) if isinstance(value, str) else len(json.dumps(value))
            if self.bytes + size <= MOST_BYTES:
                self.bytes += size
                data[mime] = value
        if not data:
            data["text/plain"] = f"[left out: more than {MOST_BYTES // 1_000_000} MB of outputs in one cell]"
        return data

    def kept(self):
        return [{key: value for key, value in output.items() if key != "_display"} for output in self.list]


async def run(server, kernel, code, limit, outputs, flush):
    """
    @param limit seconds, then it is interrupted. @param outputs what it says comes there; `flush` now and then
    @returns (state, why): `done`, `raised`, `late` or `died`
    """
    session, number = uuid.uuid4().hex, uuid.uuid4().hex
    address = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id={session}"
    request = HTTPRequest(address, headers={"Authorization": f"token {server.token}"})
    socket = await websocket_connect(request, max_message_size=LARGEST_MESSAGE)
    try:
        await socket.write_message(json.dumps(asking(session, number, code)))
        return await follow(socket, server, kernel, outputs, number, limit, flush)
    finally:
        socket.close()


def asking(session, number, code):
    header = {"msg_id": number, "msg_type": "execute_request", "session": session, "username": "", "version": "5.3", "date": ""}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    return {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}


async def follow(socket, server, kernel, outputs, number, limit, flush):
    state, idle, interrupted = None, False, False
    until, flushed, dirty = time.monotonic() + limit, 0.0, False
    reading = asyncio.ensure_future(socket.read_message())
    while state is None or not idle:
        done, _ = await asyncio.wait({reading}, timeout=FLUSH_EVERY)
        if done:
            text = reading.result()
            if text is None:
                return "died", ENDED
            message = json.loads(text)
            reading = asyncio.ensure_future(socket.read_message())
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in {"restarting", "dead"}:
                return "died", ENDED
            if message["parent_header"].get("msg_id") == number:
                dirty = outputs.take(message) or dirty
                idle = idle or (kind == "status" and content["execution_state"] == "idle")
                if kind == "execute_reply":
                    state = "done" if content["status"] == "ok" else "raised"
        now = time.monotonic()
        if dirty and now - flushed >= FLUSH_EVERY:
            flush()
            flushed, dirty = now, False
        if now > until and not interrupted:
            server.ask("POST", f"/api/kernels/{kernel}/interrupt")
            interrupted = True
        if now > until + 10:
            break
    reading.cancel()
    return ("late", f"It did not end within {limit:g} s and was interrupted.") if interrupted else (state, "")
