"""The packaged kinds of stores, a module each: each imports its library when it is opened, and knows nothing of the others."""
