# de: not yet translated.
