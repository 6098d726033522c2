"""The socket's place: private, locked, never stolen."""

import os
import socket
import stat

import pytest

from isolate_host.daemon.places import SocketPlace
from isolate_host.errors import ConfigError


def test_modes(folder):
    place = SocketPlace(folder / "new" / "d.sock")
    place.claim()
    listener = place.bind()
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.path.parent.stat().st_mode) == 0o700
    assert (place.path.parent / "d.sock.lock").read_text().strip() == str(os.getpid())
    listener.close()
    place.release()
    assert not place.path.exists()
    place.release()


def test_a_second_daemon_is_refused_and_the_first_goes_on(folder):
    first = SocketPlace(folder / "d.sock")
    first.claim()
    listener = first.bind()
    with pytest.raises(ConfigError, match=f"process {os.getpid()}"):
        SocketPlace(folder / "d.sock").claim()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(first.path))
    listener.close()
    first.release()
    again = SocketPlace(folder / "d.sock")
    again.claim()
    again.release()


def test_a_stale_socket_is_replaced(folder):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(folder / "d.sock"))
    stale.close()
    place = SocketPlace(folder / "d.sock")
    place.claim()
    place.bind().close()
    place.release()


def test_a_file_in_the_way_is_left_alone(folder):
    (folder / "d.sock").write_text("precious")
    place = SocketPlace(folder / "d.sock")
    place.claim()
    with pytest.raises(ConfigError, match="not a socket"):
        place.bind()
    assert (folder / "d.sock").read_text() == "precious"
    place.release()


def test_a_symlink_is_not_followed(folder):
    (folder / "real").write_text("x")
    (folder / "d.sock").symlink_to(folder / "real")
    place = SocketPlace(folder / "d.sock")
    place.claim()
    with pytest.raises(ConfigError, match="not a socket"):
        place.bind()
    place.release()
    (folder / "e.sock.lock").symlink_to(folder / "real")
    with pytest.raises(OSError, match="symbolic"):
        SocketPlace(folder / "e.sock").claim()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_others_may_enter_is_refused(folder, mode):
    folder.chmod(mode)
    with pytest.raises(ConfigError, match="open to others") as caught:
        SocketPlace(folder / "d.sock").claim()
    assert "chmod 700" in caught.value.hint


def test_a_path_that_is_too_long(folder):
    with pytest.raises(ConfigError, match="longer than"):
        SocketPlace(folder / ("x" * 120)).claim()


def test_a_socket_that_somebody_replaced_is_not_removed(folder):
    place = SocketPlace(folder / "d.sock")
    place.claim()
    place.bind().close()
    place.path.unlink()
    place.path.write_text("other")
    place.release()
    assert place.path.read_text() == "other"
