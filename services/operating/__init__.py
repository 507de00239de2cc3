"""For whoever runs the bot: health, metrics, the `jobs` command, retention and erasure."""
