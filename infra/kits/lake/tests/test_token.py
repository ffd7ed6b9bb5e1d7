import base64
import json
import os
import tempfile
import unittest
from typing import Any

from palestra_lake import token


def made(**claims: Any) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "kid": "rsa1"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2ln"])


class ATokenIsFound(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "default")
        self.folder = folder.name

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def test_in_the_variable_before_the_file(self) -> None:
        self.write("default", made(sub="file"))
        found = token.find({"BEARER_TOKEN": made(sub="variable"), "BEARER_TOKEN_FILE": self.file})
        self.assertEqual((found.source, (found.claims or {})["sub"]), ("BEARER_TOKEN", "variable"))

    def test_in_the_file_with_a_newline_at_its_end(self) -> None:
        self.write("default", made(sub="ada") + "\n")
        found = token.find({"BEARER_TOKEN_FILE": self.file})
        self.assertEqual((found.source, found.claims), (self.file, {"sub": "ada"}))

    def test_in_the_runtime_folder_where_the_file_is_empty(self) -> None:
        self.write("default", "")
        place = self.write(f"bt_u{os.geteuid()}", made(sub="ada"))
        found = token.find({"BEARER_TOKEN_FILE": self.file, "XDG_RUNTIME_DIR": self.folder})
        self.assertEqual(found.source, place)

    def test_nowhere_and_then_the_first_place_is_told(self) -> None:
        found = token.find({"BEARER_TOKEN_FILE": self.file, "XDG_RUNTIME_DIR": self.folder})
        self.assertEqual((found.source, found.text), (self.file, None))


class WhatItHolds(unittest.TestCase):
    def test_is_no_token(self) -> None:
        for text in ("hello", "a.b", "a.b.c", "a.b.c.d", "..", "e30.W10.x", "\u00e9.\u00e9.\u00e9", "e30.=.x"):
            self.assertIsNone(token.read("x", text).claims, text)

    def test_may_have_one_audience_or_many(self) -> None:
        self.assertEqual(token.read("x", made(aud="rucio")).audiences(), ["rucio"])
        self.assertEqual(token.read("x", made(aud=["a", 1, "b"])).audiences(), ["a", "b"])
        self.assertEqual(token.read("x", made()).audiences(), [])

    def test_may_have_scopes_as_a_text_or_a_list(self) -> None:
        self.assertEqual(token.read("x", made(scope="openid  profile")).scopes(), ["openid", "profile"])
        self.assertEqual(token.read("x", made(scope=["openid"])).scopes(), ["openid"])

    def test_may_have_no_end_or_one_that_is_no_number(self) -> None:
        self.assertIsNone(token.read("x", made()).seconds_left(0))
        self.assertIsNone(token.read("x", made(exp="soon")).seconds_left(0))
        self.assertIsNone(token.read("x", made(exp=True)).seconds_left(0))
        self.assertEqual(token.read("x", made(exp=130)).seconds_left(100), 30)
