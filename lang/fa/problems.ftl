# fa: not yet translated.
