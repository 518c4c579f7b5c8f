"""When a run reports: ten times an epoch, and after the very first step."""

from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.training.reports import REPORTS_PER_EPOCH, report_steps


def test_worked_out_by_hand():
    assert report_steps(0, 100) == [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert report_steps(0, 1000)[:3] == [1, 100, 200]
    assert report_steps(1, 1000)[:2] == [100, 200]
    assert report_steps(0, 3) == report_steps(5, 3) == [1, 2, 3]


@given(st.integers(0, 3), st.integers(1, 5000))
def test_an_epoch_ends_with_a_report_and_none_comes_twice(epoch, steps):
    reports = report_steps(epoch, steps)

    assert reports == sorted(set(reports))
    assert (reports[0] >= 1, reports[-1]) == (True, steps)
    assert len(reports) <= REPORTS_PER_EPOCH + (epoch == 0)
    assert epoch or reports[0] == 1
