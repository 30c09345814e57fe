# cs: not yet translated.
