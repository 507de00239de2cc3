"""Programs that make the figures quoted in docs/benchmarks.md."""
