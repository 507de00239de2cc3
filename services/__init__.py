"""Everything the bot can do, free of Discord: models, media, storage and the workflows that combine them."""
