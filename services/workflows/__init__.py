"""One use case a file; the only place where models, media, storage and delivery are combined."""
