# es: not yet translated.
