# Not yet translated.
