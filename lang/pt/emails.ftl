# pt: not yet translated.
