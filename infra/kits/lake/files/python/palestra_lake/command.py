"""`palestra lake`: what the words mean."""
import argparse
import sys
from typing import Sequence

EXAMPLES = """
examples:
  palestra lake check                              what is wrong with token, account, quota, elements: one table
  palestra lake put run42.root --element CNAF_USERDISK --dataset lab.v1
  palestra lake get user.ada:lab.v1 --from NAPOLI_USERDISK --to data
A put or get that broke off is taken up again by the same words."""


def main(words: Sequence[str]) -> int:
    asked = parser().parse_args(words)
    if asked.verb == "check":
        from palestra_lake import check

        return check.run(as_json=asked.json)
    if asked.verb == "put":
        from palestra_lake import put

        return put.run(asked.files, element=asked.element, dataset=asked.dataset, name=asked.name, lifetime=asked.lifetime)
    from palestra_lake import get

    return get.run(asked.dids, element=asked.source, folder=asked.to)


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="palestra lake", description="The data lake, asked and used.", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = words.add_subparsers(dest="verb", required=True, metavar="check|put|get")
    check = verbs.add_parser("check", help="tells which of token, account, quota, element, clock, certificate is the problem")
    check.add_argument("--json", action="store_true", help="for programs")
    put = verbs.add_parser("put", help="upload files, with progress and checksums")
    put.add_argument("files", nargs="+", metavar="FILE")
    put.add_argument("--element", metavar="NAME", help="where to; default: the first that takes personal files and has room")
    put.add_argument("--dataset", metavar="NAME", help="attach them to this dataset, made where it is not there")
    put.add_argument("--name", help="the name in the lake, of one file; default: the file's own")
    put.add_argument("--lifetime", type=int, metavar="SECONDS", help="how long the lake keeps them; default: until you say")
    get = verbs.add_parser("get", help="download files or datasets, with progress and checksums")
    get.add_argument("dids", nargs="+", metavar="DID", help="scope:name, or a name in your own scope")
    get.add_argument("--from", dest="source", metavar="NAME", help="from this element alone; default: whichever answers")
    get.add_argument("--to", default=".", metavar="FOLDER", help="default: a folder named after the dataset or scope, here")
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
