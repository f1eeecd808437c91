"""Tests of the seals, with the gpg that districts use."""
