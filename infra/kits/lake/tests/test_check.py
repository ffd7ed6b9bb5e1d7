import unittest

from palestra_lake import check, elements, lake, refused, settings, token
from palestra_lake.check import Row


class TheTable(unittest.TestCase):
    rows = [Row("token", True, "good"), Row("clock", False, "5 minutes behind", "set it"), Row("quota", None, "not asked")]

    def test_has_a_line_each_and_what_to_do_below_what_is_wrong(self) -> None:
        self.assertEqual(
            check.as_text(self.rows).splitlines(),
            [
                "  ok      token  good",
                "  NOT OK  clock  5 minutes behind",
                "                 → set it",
                "  -       quota  not asked",
                "",
                "Not well: clock.",
            ],
        )

    def test_is_well_only_where_every_row_was_asked_and_good(self) -> None:
        self.assertTrue(check.well(self.rows[:1]))
        self.assertFalse(check.well(self.rows[:2]))
        self.assertFalse(check.well([self.rows[2]]))


class TheTokensRow(unittest.TestCase):
    def test_says_what_is_wrong_and_beside_it_what_to_do(self) -> None:
        row = check.token_row(token.Token("/run/palestra/tokens/default"), refused.Wanted(renewed=True), 0)
        self.assertEqual((row.ok, row.todo), (False, refused.RENEWED))
        self.assertNotIn("resume", row.found)


class WordsOfAFailure(unittest.TestCase):
    def test_are_the_innermost(self) -> None:
        inner = ConnectionRefusedError(111, "Connection refused")
        self.assertEqual(elements.cause(OSError(OSError("Max retries exceeded", inner))), "Connection refused")
        unknown = OSError("x: Failed to resolve 'a.b' ([Errno -2] Name or service not known)")
        self.assertEqual(elements.cause(unknown), "Name or service not known")


class TheClock(unittest.TestCase):
    date = "Tue, 24 Nov 2026 13:00:00 GMT"

    def test_within_a_minute_is_good(self) -> None:
        now = lake.moment(self.date) or 0
        self.assertTrue(check.clock_row(self.date, now + 30).ok)
        self.assertTrue(check.clock_row(self.date, now - 60).ok)

    def test_F18_ten_minutes_either_way_are_told(self) -> None:
        now = lake.moment(self.date) or 0
        self.assertIn("10 minutes ahead", check.clock_row(self.date, now + 600).found)
        self.assertIn("10 minutes behind", check.clock_row(self.date, now - 600).found)


class Elements(unittest.TestCase):
    def test_are_those_that_speak_https_with_their_prefix_between_slashes(self) -> None:
        davs = {"scheme": "davs", "hostname": "cnaf.palestra.test", "port": 31451, "prefix": "/rucio"}
        found = lake.element_of("CNAF_USERDISK", {"protocols": [{"scheme": "root"}, davs]})
        self.assertEqual(found and found.address.path, "/rucio/")
        self.assertIsNone(lake.element_of("X", {"protocols": [{"scheme": "root"}]}))


class Settings(unittest.TestCase):
    def test_come_from_where_the_client_looks_in_its_order(self) -> None:
        self.assertEqual(settings.config_file({"RUCIO_CONFIG": "/a", "RUCIO_HOME": "/b"}), "/a")
        self.assertIsNone(settings.config_file({"RUCIO_HOME": "/nonexistent"}))

    def test_have_defaults_where_a_site_says_nothing(self) -> None:
        wanted = settings.wanted(settings.settings({"RUCIO_CONFIG": "/nonexistent"}))
        self.assertEqual((wanted.issuer, wanted.audience, tuple(wanted.scopes)), ("", "rucio", ("openid", "profile")))

    def test_name_an_authority_that_is_there(self) -> None:
        parser = settings.settings({"RUCIO_CONFIG": "/nonexistent"})
        self.assertEqual(settings.authority(parser, {"X509_CERT_DIR": "/", "SSL_CERT_FILE": "/etc/passwd"}), "/")
        self.assertEqual(settings.authority(parser, {"X509_CERT_DIR": "/nonexistent", "SSL_CERT_FILE": "/etc/passwd"}), "/etc/passwd")
        self.assertIs(settings.authority(parser, {}), True)

    def test_tokens_are_renewed_in_a_sandbox_alone(self) -> None:
        parser = settings.settings({"RUCIO_CONFIG": "/nonexistent"})
        self.assertTrue(settings.wanted(parser, {"PALESTRA_COMMANDS": "/x"}).renewed)
        self.assertFalse(settings.wanted(parser, {}).renewed)


class Answer:
    """As requests gives one."""

    def __init__(self, status_code: int, text: str) -> None:
        self.status_code, self.text, self.ok = status_code, text, status_code < 400


class WhatRucioAnswers(unittest.TestCase):
    def test_is_json_or_a_sentence(self) -> None:
        self.assertEqual(lake.one_json("rucio", Answer(200, '{"a": 1}')), {"a": 1})
        for answer, words in ((Answer(502, "<html>"), "status 502"), (Answer(200, "<html>"), "no JSON")):
            with self.assertRaisesRegex(lake.Unanswered, words):
                lake.one_json("rucio", answer)
