import unittest
from typing import Any

from palestra_lake.front import LATER, with_patience


class Reply:
    def __init__(self, status: int, error: "str | None" = None) -> None:
        self.status_code = status
        self.headers: dict[str, str] = {} if error is None else {"ExceptionClass": error}
        self.closed = False

    def close(self) -> None:
        self.closed = True


BUSY = "ReplicationRuleCreationTemporaryFailed"


class ARuleThatMeetsARemoval(unittest.TestCase):
    def play(self, *replies: Reply) -> "tuple[Any, list[float], int]":
        left, pauses = list(replies), []
        answer = with_patience(lambda: left.pop(0), pauses.append)
        return answer, pauses, len(left)

    def test_is_asked_for_again_after_a_pause(self) -> None:
        busy, good = Reply(409, BUSY), Reply(201)
        answer, pauses, left = self.play(busy, busy, good)
        self.assertIs(answer, good)
        self.assertEqual(pauses, list(LATER[:2]))
        self.assertTrue(busy.closed)
        self.assertEqual(left, 0)

    def test_that_never_ends_is_answered_as_it_is(self) -> None:
        answer, pauses, left = self.play(*[Reply(409, BUSY) for _ in range(len(LATER) + 1)])
        self.assertEqual(answer.headers["ExceptionClass"], BUSY)
        self.assertEqual(pauses, list(LATER))
        self.assertEqual(left, 0)

    def test_any_other_answer_is_taken_at_once(self) -> None:
        for reply in (Reply(201), Reply(409, "DuplicateRule"), Reply(401, "CannotAuthenticate"), Reply(500)):
            answer, pauses, left = self.play(reply, Reply(200))
            self.assertIs(answer, reply)
            self.assertEqual((pauses, left), ([], 1))


if __name__ == "__main__":
    unittest.main()
