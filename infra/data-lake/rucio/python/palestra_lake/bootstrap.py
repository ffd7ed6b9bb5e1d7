"""Tables, the base virtual organisation and the account root, in an empty database. Run once."""

from rucio.db.sqla.util import build_database, create_base_vo, create_root_account


def main() -> None:
    build_database()
    create_base_vo()
    create_root_account()


if __name__ == "__main__":
    main()
