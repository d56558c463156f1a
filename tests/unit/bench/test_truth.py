"""Precision and recall of pairs, by a worked example."""

from bench.truth import measured


def test_pairs_are_counted_against_the_truth() -> None:
    records = [
        {"unique_id": 1, "cluster": "amy", "email": "Amy@x.tw", "phone": None},
        {"unique_id": 2, "cluster": "amy", "email": "amy@x.tw", "phone": "0912-345-678"},
        {"unique_id": 3, "cluster": "amy", "email": "amy@y.tw", "phone": None},
        # Amy's sister orders with her phone.
        {"unique_id": 4, "cluster": "bea", "email": None, "phone": "+886912345678"},
    ]
    found = measured(records)
    # Joined: 1-2, 1-4, 2-4; right: 1-2; true: 1-2, 1-3, 2-3.
    assert (found.joined, found.right, found.true) == (3, 1, 3)
    assert (found.precision, found.recall) == (1 / 3, 1 / 3)
    assert found.shared == [("PHONE", 2)]
