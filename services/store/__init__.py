"""What the bot remembers: one small repository a concept, on SQLite or Postgres."""
