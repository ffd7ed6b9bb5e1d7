import unittest
from typing import Any

from palestra_lake import refused, token
from palestra_lake.refused import Access, Wanted
from tests.test_token import made

NOW = 1_800_000_000.0
ISSUER = "https://iam.palestra.test:31443/"
WANTED = Wanted(issuer=ISSUER)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": ["rucio", "cnaf.palestra.test", "napoli.palestra.test"],
    "scope": "openid profile storage.read:/ storage.create:/user/ada storage.modify:/user/ada",
    "exp": NOW + 600,
    "nbf": NOW - 600,
}


def with_claims(**claims: Any) -> token.Token:
    return token.read("/run/palestra/tokens/default", made(**{**GOOD, **claims}))


class AtRucio(unittest.TestCase):
    def says(self, found: token.Token, *words: str) -> None:
        reasons = " ".join(refused.at_rucio(found, WANTED, NOW))
        for word in words:
            self.assertIn(word, reasons)

    def test_nothing_is_said_of_a_good_token(self) -> None:
        self.assertEqual(refused.at_rucio(with_claims(), WANTED, NOW), [])

    def test_absent(self) -> None:
        self.says(token.Token("/run/palestra/tokens/default"), "no token", "/run/palestra/tokens/default")

    def test_what_to_do_depends_on_who_brings_tokens(self) -> None:
        absent = token.Token("x")
        self.assertIn("BEARER_TOKEN_FILE", refused.at_rucio(absent, WANTED, NOW)[0])
        self.assertIn("resume your lab", refused.at_rucio(absent, Wanted(renewed=True), NOW)[0])

    def test_no_token_at_all(self) -> None:
        self.says(token.read("x", "hello"), "not a token")

    def test_expired_since(self) -> None:
        self.says(with_claims(exp=NOW - 185), "ended 3 minutes ago", "UTC")
        self.says(with_claims(exp=NOW - 7300), "2 hours ago")
        self.says(with_claims(exp=NOW), "1 second ago")

    def test_expired_is_said_alone_whatever_else_is_wrong(self) -> None:
        self.assertEqual(len(refused.at_rucio(with_claims(exp=1, aud="x", scope=""), WANTED, NOW)), 1)

    def test_not_yet_valid(self) -> None:
        self.says(with_claims(nbf=NOW + 600), "not valid before", "in 10 minutes", "clock")

    def test_other_issuer(self) -> None:
        self.says(with_claims(iss="https://iam.elsewhere.org/"), "https://iam.elsewhere.org/", ISSUER)
        self.assertNotEqual(refused.at_rucio(with_claims(iss=ISSUER.rstrip("/")), WANTED, NOW), [])

    def test_issuer_is_not_compared_where_nobody_said_which(self) -> None:
        self.assertEqual(refused.at_rucio(with_claims(iss="https://x/"), Wanted(), NOW), [])

    def test_audience_lacks_rucio(self) -> None:
        self.says(with_claims(aud="cnaf.palestra.test"), "audience is cnaf.palestra.test, without rucio")
        self.says(with_claims(aud=[]), "audience is nothing")

    def test_missing_scope(self) -> None:
        self.says(with_claims(scope="openid storage.read:/"), "lacks the scope profile", "it has openid, storage.read:/")

    def test_two_reasons_are_two_sentences(self) -> None:
        self.assertEqual(len(refused.at_rucio(with_claims(aud="x", scope="openid"), WANTED, NOW)), 2)


class AtAnElement(unittest.TestCase):
    def says(self, access: Access, claims: dict[str, Any], *words: str) -> None:
        reasons = " ".join(refused.at_element(with_claims(**claims), WANTED, access, NOW))
        for word in words:
            self.assertIn(word, reasons)

    def test_nothing_is_said_where_the_claims_allow_it(self) -> None:
        for access in (
            Access("write", "cnaf.palestra.test", "/rucio/user/ada/77/b6/x"),
            Access("read", "napoli.palestra.test", "/rucio/user/bob/1/2/y"),
        ):
            self.assertEqual(refused.at_element(with_claims(), WANTED, access, NOW), [])

    def test_an_audience_may_be_written_as_an_address(self) -> None:
        found = with_claims(aud=["https://cnaf.palestra.test:31451/"])
        access = Access("read", "cnaf.palestra.test", "/rucio/x")
        self.assertEqual(refused.at_element(found, WANTED, access, NOW), [])

    def test_not_meant_for_this_element(self) -> None:
        self.says(Access("read", "archive.palestra.test", "/rucio/user/ada/x"), {}, "not meant for archive.palestra.test")

    def test_to_read_alone(self) -> None:
        access = Access("write", "cnaf.palestra.test", "/rucio/user/ada/x")
        self.says(access, {"scope": "openid profile storage.read:/"}, "lacks the scope storage.create", "may not write")

    def test_path_of_somebody_else(self) -> None:
        access = Access("write", "cnaf.palestra.test", "/rucio/user/bob/x")
        self.says(access, {}, "may write below /user/ada; /user/bob/x is not yours")

    def test_a_name_that_begins_like_mine_is_not_mine(self) -> None:
        access = Access("write", "cnaf.palestra.test", "/rucio/user/adam/x")
        self.says(access, {}, "/user/adam/x is not yours")

    def test_expired(self) -> None:
        self.says(Access("read", "cnaf.palestra.test", "/x"), {"exp": NOW - 60}, "ended 1 minute ago")


class LengthsOfTime(unittest.TestCase):
    def test_as_one_says_them(self) -> None:
        said = [refused.spoken(seconds) for seconds in (0, 1, 59, 60, 119, 3600, 86399, 86400 * 3)]
        self.assertEqual(said, ["1 second", "1 second", "59 seconds", "1 minute", "2 minutes", "1 hour", "24 hours", "3 days"])
