# it: not yet translated.
