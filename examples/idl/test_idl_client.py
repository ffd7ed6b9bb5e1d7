import contextlib
import hashlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import idl_client


class Filters(unittest.TestCase):
    def test_and_joins_conditions_or_makes_alternatives(self):
        self.assertEqual(
            idl_client.parse_filters("A = x AND B >= 2023 OR C LIKE 20%"),
            [{"A.=": "x", "B.>=": "2023"}, {"C.LIKE": "20%"}],
        )

    def test_a_key_that_holds_or_is_not_cut(self):
        self.assertEqual(idl_client.parse_filters("ORIGINATOR = INAF"), [{"ORIGINATOR.=": "INAF"}])

    def test_quotes_around_a_value_are_not_part_of_it(self):
        self.assertEqual(idl_client.parse_filters("A != 'None'"), [{"A.!=": "None"}])

    def test_what_is_no_condition_is_said_and_not_dropped(self):
        for text in ("A", "", "A = x AND", "A == = y", "A = x y"):
            with self.assertRaises(SystemExit, msg=text) as caught:
                idl_client.parse_filters(text)
            self.assertIn("no condition", str(caught.exception))


class Lists(unittest.TestCase):
    def test_a_list_has_two_words_a_line(self):
        self.assertEqual(idl_client.pairs_of("a b\n\nc d\n"), [(Path("a"), Path("b")), (Path("c"), Path("d"))])

    def test_a_line_with_another_number_of_words_is_named(self):
        with self.assertRaisesRegex(ValueError, "line 2"):
            idl_client.pairs_of("a b\nc\n")


class Records(unittest.TestCase):
    def test_a_record_says_of_which_file_it_is_and_what_is_in_that(self):
        with tempfile.TemporaryDirectory() as folder:
            file, meta = Path(folder, "d.tdm"), Path(folder, "m.json")
            file.write_bytes(b"data")
            meta.write_text(json.dumps({"EPOCH": "2025", "LINK": "user.other:x"}))
            record = idl_client.record_of("user.me", file, meta)
        self.assertEqual(record["LINK"], "user.me:d.tdm")
        self.assertEqual(record["sha256"], hashlib.sha256(b"data").hexdigest())
        self.assertEqual(record["EPOCH"], "2025")

    def test_two_batches_never_have_one_name(self):
        self.assertNotEqual(idl_client.batch_of("s"), idl_client.batch_of("s"))


class Arguments(unittest.TestCase):
    def test_an_upload_needs_as_many_metadata_as_files(self):
        for words in (["--file", "a"], ["--file", "a", "b", "--meta", "m"], []):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                idl_client.arguments(["upload", "--scope", "s", "--rse", "r", *words])

    def test_a_list_may_stand_instead(self):
        given = idl_client.arguments(["upload", "--scope", "s", "--rse", "r", "--bulk-txt", "l"])
        self.assertEqual(given.bulk_txt, Path("l"))


if __name__ == "__main__":
    unittest.main()
