"""Several senses: face, voice and words of one moment, put together."""
