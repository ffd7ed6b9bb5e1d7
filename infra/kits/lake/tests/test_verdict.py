import unittest

from palestra_lake import verdict
from palestra_lake.verdict import Address
from tests.lines import DOWNLOADED_AT_THE_SECOND_ELEMENT, FAILURES, SUCCESSES, UPLOADED, lines


class TheVerdict(unittest.TestCase):
    def test_is_failed_for_every_recorded_failure(self) -> None:
        self.assertEqual([name for name, text in FAILURES.items() if not verdict.failed(lines(text))], [])

    def test_is_well_for_every_recorded_success(self) -> None:
        self.assertEqual([name for name, text in SUCCESSES.items() if verdict.failed(lines(text))], [])

    def test_sees_that_an_element_refused(self) -> None:
        refused = [name for name, text in FAILURES.items() if verdict.forbidden(lines(text))]
        self.assertEqual(refused, ["token not for the element", "token to read alone"])


class Addresses(unittest.TestCase):
    def test_of_every_element_that_was_tried_in_their_order(self) -> None:
        found = [one.host for one in verdict.addresses(lines(DOWNLOADED_AT_THE_SECOND_ELEMENT))]
        self.assertEqual(found, ["napoli.palestra.test", "cnaf.palestra.test"])

    def test_have_the_name_the_file_will_have(self) -> None:
        self.assertEqual(
            verdict.addresses(lines(UPLOADED)),
            [Address("cnaf.palestra.test", 31451, "/rucio/user/ada/77/b6/run42.root")],
        )
