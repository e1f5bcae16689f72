"""The peers: each takes the prepared columns and gives the same entries, its own way."""
