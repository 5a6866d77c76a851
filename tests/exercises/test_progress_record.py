"""A learner's record of tries is never overwritten as if it were empty."""

import pytest

from emotionlab.exercises import progress


@pytest.mark.parametrize("damage", [b'{"01": {"1.1"', b"", b"[1, 2]", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_damaged_record_is_set_aside_and_said(tmp_path, capsys, damage):
    (tmp_path / progress.FILE_NAME).write_bytes(damage)
    assert progress.read(tmp_path) == {}
    assert progress.write(tmp_path, "01", {"1.1": {"outcome": "passed"}})
    assert (tmp_path / f"{progress.FILE_NAME}.damaged-1").read_bytes() == damage
    assert progress.read(tmp_path) == {"01": {"1.1": {"outcome": "passed"}}}
    assert f"kept as {progress.FILE_NAME}.damaged-1" in capsys.readouterr().out


def test_a_second_damage_takes_the_next_name(tmp_path):
    for _ in range(2):
        (tmp_path / progress.FILE_NAME).write_text("{ cut off", encoding="utf-8")
        progress.read(tmp_path)
    assert len(list(tmp_path.glob("*.damaged-*"))) == 2
