"""Reports: results in, text or JSON out. Collecting and rendering never mix, so a new format is one module."""
