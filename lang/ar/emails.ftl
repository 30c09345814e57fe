# ar: not yet translated.
