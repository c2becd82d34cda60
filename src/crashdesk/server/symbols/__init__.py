"""Debug files and bundles of source maps: uploaded in chunks by build scripts, kept for making stacks readable."""
