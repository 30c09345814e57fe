# pl: not yet translated.
