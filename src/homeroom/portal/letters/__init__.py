"""Printed letters and cards as tagged PDF, with their codes and words. It knows neither database nor people."""
