# nl: not yet translated.
