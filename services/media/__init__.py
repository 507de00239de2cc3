"""Files people post: told apart by their bytes, fetched with care, decoded in limited children."""
