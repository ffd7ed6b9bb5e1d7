import random
import tempfile
import unittest
from pathlib import Path

import describe
import make_tdm
import tdm

GOOD = """CCSDS_TDM_VERS = 1.0
COMMENT 12345
CREATION_DATE = 2025-03-01T10:00:21
ORIGINATOR = INAF

META_START
COMMENT 12345
TIME_SYSTEM = UTC
START_TIME = 2025-03-01T10:00:00
STOP_TIME = 2025-03-01T10:00:20
PARTICIPANT_1 = IT_BIRALES-A
PATH = 3,2,1
META_STOP

DATA_START
RANGE = 2025-03-01T10:00:00 900.5
ANGLE_1 = 2025-03-01T10:00:00 12.25
RANGE = 2025-03-01T10:00:20 880.25
DATA_STOP
"""


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


class Parse(unittest.TestCase):
    def test_a_message_gives_header_metadata_and_data(self):
        message = tdm.parse(GOOD)
        self.assertEqual(message.header["ORIGINATOR"], "INAF")
        (segment,) = message.segments
        self.assertEqual(segment.meta["PARTICIPANT_1"], "IT_BIRALES-A")
        self.assertEqual(segment.comments, ["12345"])
        self.assertEqual(segment.data[1], tdm.Record("ANGLE_1", "2025-03-01T10:00:00", 12.25))
        self.assertEqual(segment.values("RANGE"), [900.5, 880.25])

    def test_windows_line_ends_and_spaces_do_not_matter(self):
        odd = GOOD.replace("\n", "\r\n").replace(" = ", "=")
        self.assertEqual(tdm.parse(odd), tdm.parse(GOOD))

    def test_two_segments_keep_their_own_data(self):
        segment = GOOD[GOOD.index("META_START") :]
        message = tdm.parse(GOOD + segment.replace("900.5", "700"))
        self.assertEqual([each.values("RANGE")[0] for each in message.segments], [900.5, 700.0])

    def test_the_same_key_in_header_and_segment_is_no_repetition(self):
        text = changed("TIME_SYSTEM = UTC", "TIME_SYSTEM = UTC\nORIGINATOR = INAF")
        self.assertEqual(tdm.parse(text).segments[0].meta["ORIGINATOR"], "INAF")

    def refuses(self, text, line, word):
        with self.assertRaises(tdm.TdmError) as caught:
            tdm.parse(text)
        self.assertIn(word, str(caught.exception))
        self.assertEqual(caught.exception.line, line)

    def test_each_mistake_names_its_line(self):
        self.refuses(changed("900.5", "far"), 16, "could not convert")
        self.refuses(changed("2025-03-01T10:00:00 12.25", "yesterday 12.25"), 17, "yesterday")
        self.refuses(changed("2025-03-01T10:00:00 12.25", "12.25"), 17, "a time and a value")
        self.refuses(changed("PATH = 3,2,1", "PATH"), 12, "KEY = VALUE")
        self.refuses(changed("PATH = 3,2,1", "PATH ="), 12, "KEY = VALUE")
        self.refuses(changed("PATH = 3,2,1", "TIME_SYSTEM = UTC"), 12, "twice")
        self.refuses(changed("META_STOP\n", ""), 14, "DATA_START cannot stand here")
        self.refuses(changed("META_STOP\n", "META_STOP\nORIGIN = HERE\n"), 14, "outside")

    def test_a_file_that_ends_too_early_is_refused(self):
        self.refuses(changed("DATA_STOP\n", ""), 18, "ends inside its data")
        self.refuses(GOOD[: GOOD.index("META_STOP")], 12, "ends inside its meta")

    def test_what_is_no_tdm_says_so(self):
        self.refuses("", 1, "no TDM")
        self.refuses("ORIGINATOR = INAF\n", 1, "no TDM")
        self.refuses("CCSDS_TDM_VERS = 1.0\n", 1, "no segment")
        self.refuses("\x00\x01\x02", 1, "KEY = VALUE")


class Problems(unittest.TestCase):
    def says(self, text, word):
        (problem,) = tdm.problems(tdm.parse(text))
        self.assertIn(word, problem)

    def test_a_good_message_has_none(self):
        self.assertEqual(tdm.problems(tdm.parse(GOOD)), [])

    def test_each_problem_is_named(self):
        self.says(changed("PARTICIPANT_1 = IT_BIRALES-A\n", ""), "PARTICIPANT_1 is missing")
        self.says(changed("STOP_TIME = 2025-03-01T10:00:20", "STOP_TIME = 2025-02-28T10:00:20"), "before it starts")
        self.says(changed("START_TIME = 2025-03-01T10:00:00", "START_TIME = soon"), "no time")
        self.says(changed("STOP_TIME = 2025-03-01T10:00:20", "STOP_TIME = 2025-03-01T10:00:19"), "1 of 3 values")
        nothing = GOOD[: GOOD.index("RANGE =")] + "DATA_STOP\n"
        self.says(nothing, "no data")


class Split(unittest.TestCase):
    def test_metadata_and_data_are_the_lines_between_the_markers(self):
        meta, data = tdm.split(GOOD)
        self.assertEqual(meta.splitlines()[0], "COMMENT 12345")
        self.assertEqual(meta.splitlines()[-1], "PATH = 3,2,1")
        self.assertEqual(len(data.splitlines()), 3)

    def test_the_command_splits_what_is_good_and_names_what_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            good, bad = Path(folder, "a.tdm"), Path(folder, "b.tdm")
            good.write_text(GOOD)
            bad.write_text(GOOD[:200])
            self.assertEqual(tdm.main(["split", str(good), str(bad)]), 1)
            self.assertEqual(Path(folder, "data_a.tdm").read_text(), tdm.split(GOOD)[1])
            self.assertFalse(Path(folder, "data_b.tdm").exists())
            self.assertEqual(tdm.main(["check", str(good)]), 0)

    def test_without_a_verb_or_a_file_it_says_how_it_is_used(self):
        self.assertEqual((tdm.main([]), tdm.main(["check"]), tdm.main(["eat", "x"])), (2, 2, 2))


class Made(unittest.TestCase):
    def test_made_files_are_good_whatever_the_seed(self):
        for seed in map(str, range(40)):
            for name, text in make_tdm.messages(seed, 3).items():
                self.assertEqual(tdm.problems(tdm.parse(text)), [], f"{seed} {name}")

    def test_the_same_seed_makes_the_same_files_and_another_seed_others(self):
        self.assertEqual(make_tdm.messages("a", 4), make_tdm.messages("a", 4))
        self.assertFalse(set(make_tdm.messages("a", 4)) & set(make_tdm.messages("b", 4)))

    def test_an_object_is_nearest_when_its_shift_changes_sign(self):
        rows = list(make_tdm.passage(random.Random("doppler")))
        nearest = min(range(len(rows)), key=lambda at: rows[at]["RANGE"])
        self.assertGreater(rows[0]["DOPPLER_INSTANTANEOUS"], 0)
        self.assertLess(rows[-1]["DOPPLER_INSTANTANEOUS"], 0)
        self.assertLess(abs(rows[nearest]["DOPPLER_INSTANTANEOUS"]), 0.1)


class Describe(unittest.TestCase):
    def test_metadata_hold_what_the_file_says_and_the_span_of_distances(self):
        meta = describe.describe(tdm.parse(GOOD))
        self.assertEqual(meta["EPOCH"], "2025-03-01T10:00:00")
        self.assertEqual(meta["COMMENT"], "12345")
        self.assertEqual((meta["MEAS_RANGE_MIN_RANGE_0"], meta["MEAS_RANGE_MAX_RANGE_0"]), (880.25, 900.5))

    def test_what_a_file_does_not_say_is_left_out(self):
        meta = describe.describe(tdm.parse(GOOD))
        self.assertNotIn("PARTICIPANT_2", meta)
        self.assertNotIn("None", map(str, meta.values()))

    def test_all_keys_are_upper_case_so_that_the_right_plugin_takes_them(self):
        self.assertTrue(all(key == key.upper() for key in describe.describe(tdm.parse(GOOD))))


if __name__ == "__main__":
    unittest.main()
