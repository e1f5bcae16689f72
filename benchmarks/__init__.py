"""How fast Perkbook is, measured beside its peers: `python -m benchmarks.run`."""
