"""An operator writes homeroom.toml. Each invalid value gives one sentence."""

from pathlib import Path

import pytest

from homeroom.gateway.settings import Settings, SettingsOdd, read_settings


def test_address_alone_is_enough(tmp_path: Path) -> None:
    text = 'demo = true\n[gateway]\nsftp_host = "127.0.0.1"\nsftp_port = 2222\nuser = "x"\n'
    (tmp_path / "homeroom.toml").write_text(text)
    assert read_settings(tmp_path) == Settings("127.0.0.1", 2222)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must say sftp_host"),
        ('[gateway]\nsftp_host = "x"\n', "must say sftp_port"),
        ('[gateway]\nsftp_host = "x"\nsftp_port = "22"\n', "sftp_port .* cannot be '22'"),
        ('[gateway]\nsftp_host = "x"\nsftp_port = 0\n', "cannot be 0"),
        ('[gateway]\nsftp_host = "x"\nsftp_port = 22\nfirst_retry = -1\n', "first_retry"),
        ("gateway = [", "not TOML"),
    ],
)
def test_odd_settings_refuse_to_start(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "homeroom.toml").write_text(text)
    with pytest.raises(SettingsOdd, match=said):
        read_settings(tmp_path)


@pytest.mark.parametrize(("listen", "bound", "here", "is_closed"), [
    ("", "import.example.org", "import.example.org", False), ("0.0.0.0", "0.0.0.0", "127.0.0.1", False), ("10.0.0.5", "10.0.0.5", "10.0.0.5", False),  # noqa: S104  read, not bound
    ("127.0.0.1", "127.0.0.1", "127.0.0.1", True), ("::1", "::1", "::1", True),
])  # fmt: skip
def test_the_address_that_it_binds_and_the_name_that_it_announces_are_two_things(listen: str, bound: str, here: str, is_closed: bool) -> None:
    settings = Settings("import.example.org", 2222, listen)
    assert (settings.sftp_host, settings.bound, settings.here, settings.is_closed) == ("import.example.org", bound, here, is_closed)


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsOdd, match="homeroom new"):
        read_settings(tmp_path)
