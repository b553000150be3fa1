"""Panels side by side over years, as a fan and a reserve have them."""
